/*
 * Two buffers, each filled and then worked on for a while by functions of its own. Prints where the functions are in the file, and
 * where the buffers are in memory:  NAME OFFSET END  in hexadecimal. MILLISECONDS are of processor time, for each.
 *
 * usage: phases MEBIBYTES MILLISECONDS
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

#define APART __attribute__((noinline, noclone))

/* Processor time of the thread, so that a busy machine changes how long a run takes and not how much is done in it. */
static uint64_t now_ns(void) {
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

/* A page at a time, slower than a thousand a second: of faster ones the kernel tells few. */
APART static void rest_at_a_page(size_t i) {
    if (i % 4096 == 0) {
        nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
    }
}

APART static void fill_first(volatile char *at, size_t bytes) {
    for (size_t i = 0; i < bytes; i += 64) {
        rest_at_a_page(i);
        at[i] = 1;
    }
}

APART static void fill_second(volatile char *at, size_t bytes) {
    for (size_t i = 0; i < bytes; i += 64) {
        rest_at_a_page(i);
        at[i] = 2;
    }
}

APART static uint64_t work_first(volatile char *at, size_t bytes, uint64_t until_ns) {
    uint64_t sum = 0;
    while (now_ns() < until_ns) {
        for (size_t i = 0; i < bytes; i += 64) {
            sum += (uint64_t)at[i] * 3;
        }
    }
    return sum;
}

APART static uint64_t work_second(volatile char *at, size_t bytes, uint64_t until_ns) {
    uint64_t sum = 0;
    while (now_ns() < until_ns) {
        for (size_t i = 0; i < bytes; i += 64) {
            sum ^= (uint64_t)at[i] + i;
        }
    }
    return sum;
}

APART static void end_of_functions(void) {
    __asm__ volatile("");
}

/* Where code is in its file. */
static unsigned long file_offset(const void *code) {
    unsigned long at = (unsigned long)code, start, end, offset;
    char line[512];
    FILE *maps = fopen("/proc/self/maps", "r");
    while (maps && fgets(line, sizeof line, maps)) {
        if (sscanf(line, "%lx-%lx %*s %lx", &start, &end, &offset) == 3 && at >= start && at < end) {
            fclose(maps);
            return at - start + offset;
        }
    }
    exit(1);
}

struct half {
    void (*fill)(volatile char *, size_t);
    uint64_t (*work)(volatile char *, size_t, uint64_t);
    volatile char *at;
    size_t bytes;
    uint64_t work_ns;
};

static void *run(void *arg) {
    struct half *h = arg;
    h->fill(h->at, h->bytes);
    h->work(h->at, h->bytes, now_ns() + h->work_ns);
    return NULL;
}

int main(int argc, char **argv) {
    size_t bytes = (size_t)atol(argc > 1 ? argv[1] : "16") << 20;
    uint64_t work_ns = (uint64_t)atol(argc > 2 ? argv[2] : "1000") * 1000000u;
    void *at[2];
    for (int i = 0; i < 2; i++) {
        at[i] = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (at[i] == MAP_FAILED) {
            return 1;
        }
        madvise(at[i], bytes, MADV_NOHUGEPAGE);
    }
    printf("fill_first %lx %lx\n", file_offset((void *)fill_first), file_offset((void *)fill_second));
    printf("fill_second %lx %lx\n", file_offset((void *)fill_second), file_offset((void *)work_first));
    printf("work_first %lx %lx\n", file_offset((void *)work_first), file_offset((void *)work_second));
    printf("work_second %lx %lx\n", file_offset((void *)work_second), file_offset((void *)end_of_functions));
    printf("buffer_first %lx %lx\n", (unsigned long)at[0], (unsigned long)at[0] + bytes);
    printf("buffer_second %lx %lx\n", (unsigned long)at[1], (unsigned long)at[1] + bytes);
    fflush(stdout);
    struct half first = {fill_first, work_first, at[0], bytes, work_ns};
    struct half second = {fill_second, work_second, at[1], bytes, work_ns};
    run(&first);
    /* In a thread that starts later than the recording. */
    pthread_t thread;
    pthread_create(&thread, NULL, run, &second);
    pthread_join(thread, NULL);
    return 0;
}
