// Writes records of damon_aggregated's layout to a trace_marker_raw: REGIONS of them every INTERVAL microseconds, as a
// kdamond does at the end of an aggregation. One region in five changes its access count from burst to burst.
//   feed MARKER REGIONS INTERVAL_US SECONDS
// Prints: records written, seconds taken, own CPU milliseconds, ns per record while writing.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

struct record {
    uint64_t target;
    uint32_t regions;
    uint32_t pad;
    uint64_t start, end;
    uint32_t accesses, age;
};

static int64_t now(clockid_t clock) {
    struct timespec t;
    clock_gettime(clock, &t);
    return t.tv_sec * 1000000000LL + t.tv_nsec;
}

int main(int argc, char **argv) {
    if (argc != 5) return fprintf(stderr, "usage: feed MARKER REGIONS INTERVAL_US SECONDS\n"), 2;
    int fd = open(argv[1], O_WRONLY | O_CLOEXEC);
    if (fd < 0) return perror(argv[1]), 1;
    unsigned regions = atoi(argv[2]), seed = 1;
    int64_t interval = atoll(argv[3]) * 1000, length = atoll(argv[4]) * 1000000000LL, written = 0, busy = 0;
    uint8_t *accesses = calloc(regions, 1);
    int64_t began = now(CLOCK_MONOTONIC), next = began;
    while (next - began < length) {
        struct timespec until = {next / 1000000000, next % 1000000000};
        while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL) == EINTR) continue;
        int64_t from = now(CLOCK_MONOTONIC);
        for (unsigned i = 0; i < regions; i++) {
            seed = seed * 1664525 + 1013904223;
            if (seed >> 24 < 51) accesses[i] = (seed >> 16 & 255) % 21;
            struct record r = {0, regions, 0, 0x7f0000000000 + i * 0x200000ULL, 0x7f0000000000 + (i + 1) * 0x200000ULL, accesses[i], i % 50};
            // The ring puts the common fields before this; the layout behind them is that of damon_aggregated.
            if (write(fd, &r, sizeof r) == sizeof r) written++;
        }
        busy += now(CLOCK_MONOTONIC) - from;
        next += interval;
        // Behind: bursts are not made up for.
        int64_t late = now(CLOCK_MONOTONIC);
        if (late > next) next = late;
    }
    struct rusage u;
    getrusage(RUSAGE_SELF, &u);
    printf("%lld %.3f %lld %.0f\n", (long long) written, (now(CLOCK_MONOTONIC) - began) / 1e9,
        (long long) ((u.ru_utime.tv_sec + u.ru_stime.tv_sec) * 1000LL + (u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1000),
        written ? (double) busy / written : 0.0);
    return 0;
}
