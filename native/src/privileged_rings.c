/*
 * Which rings of tracefs damson-privileged makes, fills, removes, and how large they may be together: those of all helpers that
 * run, whoever's they are, since one user may run many.
 */
#define _GNU_SOURCE
#include "privileged.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

enum {
    MAX_INSTANCES = 4,
    MAX_ALL_INSTANCES = 16, /* of all helpers */
    MAX_RING_KB = 64 << 10, /* of one CPU; all of damson together an eighth of the memory */
};

static char instances[MAX_INSTANCES][PATH_BYTES];
static DIR *all_rings; /* locked while one is made or changes its size */

int is_our_instance(const char *path) {
    for (int i = 0; i < MAX_INSTANCES; i++) {
        size_t n = strlen(instances[i]);
        if (n && strncmp(path, instances[i], n) == 0 && (path[n] == '/' || !path[n])) return 1;
    }
    return 0;
}

void made_instance(const char *path) {
    for (int i = 0; i < MAX_INSTANCES; i++)
        if (!instances[i][0]) {
            strcpy(instances[i], path);
            return;
        }
}

void removed_instance(const char *path) {
    for (int i = 0; i < MAX_INSTANCES; i++)
        if (!strcmp(instances[i], path)) instances[i][0] = 0;
}

static int has_room_for_instance(void) {
    for (int i = 0; i < MAX_INSTANCES; i++)
        if (!instances[i][0]) return 1;
    return 0;
}

void let_rings_go(void) {
    if (all_rings) closedir(all_rings);
    all_rings = NULL;
}

/* No other helper makes rings or changes their size until let_rings_go(). */
static int hold_rings(void) {
    char path[PATH_BYTES + 20];
    snprintf(path, sizeof path, "%s/instances", policy.tracefs);
    int fd = open_inside(path, O_RDONLY | O_DIRECTORY);
    if (fd < 0) return errno;
    all_rings = fdopendir(fd);
    for (int i = 0; all_rings && i < 200; i++) {
        if (flock(fd, LOCK_EX | LOCK_NB) == 0) return 0;
        usleep(5000);
    }
    if (!all_rings) close(fd);
    return EAGAIN;
}

/* Rings of damson, whose they may be, but one; *kb is what they take together. */
static int other_rings(const char *but, long *kb) {
    int number = 0;
    char path[PATH_BYTES + 300], text[SMALL_BYTES];
    *kb = 0;
    for (struct dirent *e; (e = readdir(all_rings));) {
        if (strncmp(e->d_name, "damson-", 7) != 0) continue;
        snprintf(path, sizeof path, "%s/instances/%s", policy.tracefs, e->d_name);
        if (!strcmp(path, but)) continue;
        number++;
        strcat(path, "/buffer_total_size_kb");
        if (text_of(path, text) != 0) continue;
        /* "7 (expanded: 5632)" of a ring that grows with its first event */
        const char *larger = strchr(text, ':');
        *kb += strtol(larger ? larger + 1 : text, NULL, 10);
    }
    return number;
}

/* Process, start time and number in the name of an instance, damson-PID-START-NUMBER. */
static int owner_of(const char *path, long *pid, unsigned long long *start) {
    const char *name = strrchr(path, '/') + 1;
    int number, end = 0;
    return sscanf(name, "damson-%9ld-%20llu-%9d%n", pid, start, &number, &end) == 3 && !name[end] && !strpbrk(name, "+ ");
}

/* Named after the process that asks: under another's name nobody could tell that its owner has gone. */
int may_make_instance(const char *path) {
    long pid, kb;
    unsigned long long start;
    if (!owner_of(path, &pid, &start) || !is_his(pid) || start_of(pid) != start) return EACCES;
    if (!has_room_for_instance()) return ENOSPC;
    int failed = hold_rings();
    if (failed) return failed;
    return other_rings("", &kb) < MAX_ALL_INSTANCES ? 0 : ENOSPC;
}

/* Ours, or that of a recorder that is certainly dead. */
int may_remove_instance(const char *path) {
    long pid;
    unsigned long long start;
    char file[64], text[SMALL_BYTES];
    if (is_our_instance(path)) return 0;
    if (!owner_of(path, &pid, &start)) return EACCES;
    snprintf(file, sizeof file, "/proc/%ld/stat", pid);
    if (text_of(file, text) != 0) return errno == ENOENT || errno == ESRCH ? 0 : EACCES;
    unsigned long long now = start_of(pid);
    return now == 0 || now == start ? EACCES : 0;
}

static long memory_kb(void) {
    char line[256];
    long kb = 0;
    FILE *meminfo = fopen("/proc/meminfo", "re");
    if (meminfo && fgets(line, sizeof line, meminfo)) sscanf(line, "MemTotal: %ld", &kb);
    if (meminfo) fclose(meminfo);
    return kb;
}

/* 0 or errno: whether a ring of so much for each CPU is within what all may take together. */
static int ring_fits(const char *instance, long kb) {
    long others;
    if (kb < 1 || kb > MAX_RING_KB) return EINVAL;
    int failed = hold_rings();
    if (failed) return failed;
    other_rings(instance, &others);
    return kb * sysconf(_SC_NPROCESSORS_CONF) + others <= memory_kb() / 8 ? 0 : EINVAL;
}

int may_write_instance(const char *path, const char *value) {
    const char *name = strrchr(path, '/') + 1;
    char instance[PATH_BYTES];
    if (!is_our_instance(path)) return EACCES;
    if (!strcmp(name, "trace_clock")) return strcmp(value, "mono") ? EINVAL : 0;
    if (!strcmp(name, "buffer_percent")) return decimal(value) >= 0 && decimal(value) <= 100 ? 0 : EINVAL;
    if (!strcmp(name, "buffer_size_kb")) {
        snprintf(instance, sizeof instance, "%.*s", (int) (name - 1 - path), path);
        return ring_fits(instance, decimal(value));
    }
    return strcmp(value, "0") && strcmp(value, "1") ? EINVAL : 0;
}

void leave_instances(void) {
    static const char *const silent[][2] = {{"events/damon/enable", "0"}, {"tracing_on", "0"}, {"buffer_size_kb", "1"}};
    char path[PATH_BYTES + 40];
    const char *name;
    for (int i = 0; i < MAX_INSTANCES; i++) {
        if (!instances[i][0]) continue;
        /* It cannot be removed while the recorder, or who got a descriptor from it, has it open. */
        for (size_t f = 0; f < sizeof silent / sizeof *silent; f++) {
            snprintf(path, sizeof path, "%.1023s/%s", instances[i], silent[f][0]);
            put_file(path, O_WRONLY | O_TRUNC, silent[f][1], 1);
        }
        int at = open_parent(instances[i], &name);
        if (at >= 0) {
            unlinkat(at, name, AT_REMOVEDIR);
            close(at);
        }
    }
}
