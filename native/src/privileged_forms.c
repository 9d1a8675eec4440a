/*
 * What a request to damson-privileged may name and say, whoever asks and whatever the machine is doing: the files on the
 * list, and the form of what is written to them.
 */
#define _GNU_SOURCE
#include "privileged.h"

#include <ctype.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

/* ---- which files ------------------------------------------------------------------------------------------------- */

enum where { HERE, TRACEFS };
struct rule {
    const char *operations;
    enum where where;
    int subtree; /* the pattern is a directory, all below it is meant */
    const char *pattern;
};
/* R read, L list, W write, M make and D remove a directory, O open, K lock, A append, X remove a file */
static const struct rule rules[] = {
    {"RL", HERE, 1, "/sys/kernel/mm/damon"},
    {"W", HERE, 1, "/sys/kernel/mm/damon/admin/kdamonds"},
    {"RL", HERE, 1, "/sys/module/damon_stat/parameters"},
    {"RL", HERE, 1, "/sys/module/damon_reclaim/parameters"},
    {"RL", HERE, 1, "/sys/module/damon_lru_sort/parameters"},
    {"W", HERE, 0, "/sys/module/damon_stat/parameters/enabled"},
    {"RL", HERE, 1, "/sys/devices/system/node"},
    {"RL", HERE, 1, "/sys/devices/system/memory"},
    {"R", HERE, 0, "/proc/iomem"},
    {"R", HERE, 0, "/proc/sys/kernel/random/boot_id"},
    {"RL", HERE, 1, "/run/damson"},
    {"K", HERE, 0, "/run/damson/lock"},
    {"AX", HERE, 0, "/run/damson/changes"},
    {"L", TRACEFS, 0, ""},
    {"L", TRACEFS, 0, "/events"},
    {"R", TRACEFS, 0, "/events/header_page"},
    {"R", TRACEFS, 0, "/events/ftrace/raw_data/format"},
    {"RL", TRACEFS, 1, "/events/damon"},
    {"L", TRACEFS, 0, "/instances"},
    {"MDL", TRACEFS, 0, "/instances/damson-*"},
    {"RL", TRACEFS, 0, "/instances/damson-*/per_cpu"},
    {"R", TRACEFS, 0, "/instances/damson-*/per_cpu/cpu*/stats"},
    {"O", TRACEFS, 0, "/instances/damson-*/per_cpu/cpu*/trace_pipe_raw"},
    {"R", TRACEFS, 0, "/instances/damson-*/buffer_total_size_kb"},
    {"W", TRACEFS, 0, "/instances/damson-*/trace_clock"},
    {"W", TRACEFS, 0, "/instances/damson-*/buffer_size_kb"},
    {"W", TRACEFS, 0, "/instances/damson-*/buffer_percent"},
    {"W", TRACEFS, 0, "/instances/damson-*/tracing_on"},
    {"W", TRACEFS, 0, "/instances/damson-*/events/damon/enable"},
};

/* Absolute, of plain characters, without empty, "." or ".." parts. */
int is_plain(const char *path) {
    if (path[0] != '/') return 0;
    for (const char *p = path; *p; p++) {
        if (*p == '/' && (p[1] == '/' || p[1] == '.' || p[1] == 0)) return 0;
        if (!strchr("/._-", *p) && !(*p >= '0' && *p <= '9') && !(*p >= 'a' && *p <= 'z') && !(*p >= 'A' && *p <= 'Z')) return 0;
    }
    return 1;
}

int is_listed(char operation, const char *path) {
    size_t skip = strlen(policy.root);
    if (!operation || !is_plain(path) || strncmp(path, policy.root, skip) != 0 || path[skip] != '/') return 0;
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++) {
        const struct rule *r = &rules[i];
        if (!strchr(r->operations, operation)) continue;
        const char *rest = path + skip;
        if (r->where == TRACEFS) {
            size_t length = strlen(policy.tracefs);
            if (!length || strncmp(path, policy.tracefs, length) != 0 || (path[length] && path[length] != '/')) continue;
            rest = path + length;
        }
        size_t length = strlen(r->pattern);
        /* A directory itself is read and listed, never written. */
        if (r->subtree ? strncmp(rest, r->pattern, length) == 0 && (rest[length] == '/' || (!rest[length] && operation != 'W'))
                       : fnmatch(r->pattern, rest, FNM_PATHNAME | FNM_PERIOD) == 0)
            return 1;
    }
    return 0;
}

/* ---- values ------------------------------------------------------------------------------------------------------- */

/* Decimal, as the kernel and we both read it: no sign, no leading zero, which the kernel takes for octal. */
long decimal(const char *text) {
    if (!*text || (text[0] == '0' && text[1]) || strlen(text) > 18) return -1;
    for (const char *p = text; *p; p++)
        if (*p < '0' || *p > '9') return -1;
    return strtol(text, NULL, 10);
}

static int is_one_of(const char *value, const char *words) {
    size_t n = strcspn(value, " ");
    if (value[n]) return 0;
    for (const char *p = words; n && *p; p += strcspn(p, " "), p += *p == ' ')
        if (strncmp(p, value, n) == 0 && (p[n] == ' ' || !p[n])) return 1;
    return 0;
}

struct bound {
    const char *name;
    long most;
};
static const struct bound counts[] = {
    {"nr_kdamonds", 64}, {"nr_contexts", 1}, {"nr_targets", 1000}, {"nr_regions", 10000},
    {"nr_schemes", 256}, {"nr_filters", 64}, {"nr_goals", 64}, {"nr_dests", 64}, {"nr_probes", 16},
    /* What we ask a kdamond waits for its next sample, or for its schemes, and nobody can stop it meanwhile. */
    {"sample_us", 10000000}, {"min_sample_us", 10000000}, {"max_sample_us", 10000000}, {"aggr_us", 600000000}, {"apply_interval_us", 600000000},
};

/* A number, a word, or a path within a cgroup: printable, no blanks. The kernel checks which. */
static int is_word(const char *value) {
    size_t n = strlen(value);
    if (n > MAX_VALUE_BYTES) return 0;
    for (size_t i = 0; i < n; i++)
        if (value[i] <= ' ' || value[i] > '~') return 0;
    return !(value[0] == '0' && isdigit((unsigned char) value[1])); /* which the kernel takes for octal */
}

/* Whether a value has a form that may stand in a file of this name. */
int is_value(const char *path, const char *value) {
    const char *name = strrchr(path, '/') + 1;
    if (!strcmp(name, "state"))
        return is_one_of(value, "on off commit update_schemes_stats update_schemes_tried_regions update_schemes_tried_bytes"
                                " clear_schemes_tried_regions update_schemes_effective_quotas update_tuned_intervals"
                                " commit_schemes_quota_goals");
    if (!strcmp(name, "operations")) return is_one_of(value, policy.any_process ? "vaddr fvaddr paddr" : "vaddr fvaddr");
    if (!strcmp(name, "pid_target")) return decimal(value) >= 0;
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++)
        if (!strcmp(name, counts[i].name)) return decimal(value) >= 0 && decimal(value) <= counts[i].most;
    return is_word(value);
}
