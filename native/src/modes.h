/* Accesses that load caches and memory as given: at exact strides, of elements at random, by links, zipf, in a moving window. */
#ifndef MODES_H
#define MODES_H

#include "accessgen.h"

/* Makes what the patterns' modes need of a region that is mapped: the links of one that is chased. */
void modes_prepare(struct accessgen_region *r);

/* What the exponent and the number of elements give, once for a pattern. */
void modes_prepare_zipf(struct accessgen_pattern *a);

/* Makes so many accesses of a pattern whose kind is ACCESSGEN_STRIDE or one behind it; ns is the time since its phase began. */
void modes_visit(unsigned char *base, struct accessgen_pattern *a, uint64_t *rng, uint64_t ns, uint32_t accesses);

/* The element that the next access of a zipf pattern is to, from 0. */
uint64_t modes_draw_zipf(const struct accessgen_pattern *a, uint64_t *rng);

/* Where the window of a pattern begins at a time since its phase began, bytes from the begin of the part. */
uint64_t modes_window_at(const struct accessgen_pattern *a, uint64_t ns);

#endif
