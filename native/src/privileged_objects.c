/*
 * How many directories and files damson-privileged has the kernel make: privileged_forms.c bounds each count, this their product.
 * Nobody's limit counts them, and a thousand targets of ten thousand regions are gigabytes.
 */
#define _GNU_SOURCE
#include "privileged.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum {
    MAX_OBJECTS = 1 << 18,
    MAX_COUNTED = 2048,    /* counts that are not 0 */
    COUNTED_PATH_BYTES = 128,
    MAX_REGIONS = 100000,  /* a kdamond may split memory into; also what tried regions, each a directory, may be of all schemes */
    DEFAULT_REGIONS = 1000 /* of the kernel, where nobody has said */
};

/* What the kernel makes for one of a kind, about. */
static const struct {
    const char *name;
    long objects;
} kinds[] = {
    {"nr_kdamonds", 8}, {"nr_contexts", 32}, {"nr_targets", 4}, {"nr_regions", 4}, {"nr_schemes", 64}, {"nr_filters", 12}, {"nr_goals", 6},
    {"nr_dests", 4}, {"nr_probes", 16},
};

static struct {
    char path[COUNTED_PATH_BYTES];
    long objects;
} counted[MAX_COUNTED];

static long most_regions = DEFAULT_REGIONS, most_schemes;

/* -1 if the file of this name is no count. */
static long objects_of(const char *name, const char *value) {
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (!strcmp(name, kinds[i].name)) return kinds[i].objects * strtol(value, NULL, 10);
    return -1;
}

/* Whether a new count at this path, whose directory has so many characters, replaces that one: the same, or one below it. */
static int is_replaced(const char *counted_path, const char *path, size_t directory) {
    return !strncmp(counted_path, path, directory) && (!strcmp(counted_path + directory, path + directory) || strchr(counted_path + directory, '/'));
}

static int is_limit_of_regions(const char *path, const char *name) {
    static const char parent[] = "/monitoring_attrs/nr_regions/";
    size_t n = sizeof parent - 1;
    return (!strcmp(name, "min") || !strcmp(name, "max")) && name - path > (long) n && !strncmp(name - n, parent, n);
}

int may_make_objects(const char *path, const char *value) {
    const char *name = strrchr(path, '/') + 1;
    size_t directory = (size_t) (name - path);
    long objects = objects_of(name, value), all = objects;
    int has_room = 0;
    if (is_limit_of_regions(path, name)) return decimal(value) >= 0 && decimal(value) <= MAX_REGIONS ? 0 : EINVAL;
    if (!strcmp(value, "update_schemes_tried_regions")) return most_schemes <= MAX_REGIONS / most_regions ? 0 : ENOSPC;
    if (objects <= 0) return 0;
    if (strlen(path + strlen(policy.root)) >= COUNTED_PATH_BYTES) return EINVAL;
    path += strlen(policy.root);
    directory -= strlen(policy.root);
    for (size_t i = 0; i < MAX_COUNTED; i++) {
        if (!counted[i].path[0] || is_replaced(counted[i].path, path, directory)) has_room = 1;
        else all += counted[i].objects;
    }
    return has_room && all <= MAX_OBJECTS ? 0 : ENOSPC;
}

void made_objects(const char *full, const char *value) {
    const char *path = full + strlen(policy.root), *name = strrchr(path, '/') + 1;
    size_t directory = (size_t) (name - path);
    long objects = objects_of(name, value), number = strtol(value, NULL, 10);
    if (is_limit_of_regions(path, name) && number > most_regions) most_regions = number;
    if (!strcmp(name, "nr_schemes") && number > most_schemes) most_schemes = number;
    if (objects < 0) return;
    if (!strcmp(name, "nr_kdamonds")) most_regions = DEFAULT_REGIONS, most_schemes = 0;
    for (size_t i = 0; i < MAX_COUNTED; i++)
        if (is_replaced(counted[i].path, path, directory)) counted[i].path[0] = 0;
    for (size_t i = 0; objects && i < MAX_COUNTED; i++)
        if (!counted[i].path[0]) {
            strcpy(counted[i].path, path);
            counted[i].objects = objects;
            return;
        }
}
