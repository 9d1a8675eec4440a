// Sorts by the C library's qsort, a number of times or, as in 2s, for that much CPU time; prints its CPU time in nanoseconds. Compiled
// without frame pointers, the callers of compare can only be found by unwinding. Used by StackCommandTest and unwind.sh.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
enum { N = 1 << 12 };
static int values[N];
volatile long sink;
__attribute__((noipa)) int compare(const void *a, const void *b) {
    int x = *(const int *)a, y = *(const int *)b;
    for (int i = 0; i < 20; i++) sink += i;
    return (x > y) - (x < y);
}
__attribute__((noipa)) void sort_all(int *v, int n) { qsort(v, n, sizeof *v, compare); sink++; }
__attribute__((noipa)) void prepare(unsigned seed) {
    for (int i = 0; i < N; i++) values[i] = (int)(seed = seed * 1103515245 + 12345) >> 8;
    sort_all(values, N);
    sink++;
}
static long cpu_ns(void) {
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return t.tv_sec * 1000000000L + t.tv_nsec;
}
int main(int argc, char **argv) {
    const char *amount = argc > 1 ? argv[1] : "1";
    int is_time = strchr(amount, 's') != NULL;
    double most = atof(amount);
    for (unsigned i = 1; is_time ? cpu_ns() < most * 1e9 : i <= most; i++) prepare(i);
    printf("%ld\n", cpu_ns());
    return 0;
}
