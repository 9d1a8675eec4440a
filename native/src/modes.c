#define _GNU_SOURCE
#include "modes.h"
#include "access.h"
#include "random.h"

#include <math.h>
#include <string.h>

/* Accesses whose addresses are known before the first is made, so that their misses overlap; divides a visit. */
#define AHEAD 32

static uint64_t elements(const struct accessgen_pattern *a)
{
	return (a->to_bytes - a->from_bytes) / a->stride_bytes;
}

/* ---- links ---- */

static unsigned char **link_of(const struct accessgen_region *r, uint64_t i)
{
	return (unsigned char **)(r->base + r->chase_from_bytes + i * r->chase_stride_bytes);
}

/* Every element holds the address of the next one, and all are one cycle in random order (Sattolo), the same in every run. */
void modes_prepare(struct accessgen_region *r)
{
	uint64_t n, state = 1;

	if (!r->chase_stride_bytes)
		return;
	n = (r->chase_to_bytes - r->chase_from_bytes) / r->chase_stride_bytes;
	for (uint64_t i = 0; i < n; i++)
		*link_of(r, i) = (unsigned char *)link_of(r, i);
	for (uint64_t i = n - 1; i > 0; i--) {
		unsigned char **one = link_of(r, i), **other = link_of(r, random_below(&state, i)), *kept = *one;

		*one = *other;
		*other = kept;
	}
}

/* Each access waits for the one before it; what is written lies beside the link. */
INLINE unsigned char *chase(unsigned char *at, uint32_t n, enum accessgen_mode mode)
{
	for (uint32_t i = 0; i < n; i++) {
		at = *(unsigned char *volatile *)at;
		if (mode != ACCESSGEN_READ)
			access_byte(at + sizeof(at), mode);
	}
	return at;
}

/* ---- zipf ---- */

/*
 * Rejection-inversion (W. Hoermann, G. Derflinger 1996): the density x^-s is drawn from by its integral's inverse, in constant time
 * for any number of elements. With log1p(x)/x and expm1(x)/x it is exact near the exponent 1 as well.
 */
static double log1p_ratio(double x)
{
	return fabs(x) > 1e-8 ? log1p(x) / x : 1 - x * (0.5 - x / 3);
}

static double expm1_ratio(double x)
{
	return fabs(x) > 1e-8 ? expm1(x) / x : 1 + x * (0.5 + x / 6);
}

static double density(double s, double x)
{
	return exp(-s * log(x));
}

/* Of the density from 1 to x. */
static double integral(double s, double x)
{
	double l = log(x);

	return expm1_ratio((1 - s) * l) * l;
}

static double inverse(double s, double y)
{
	double t = y * (1 - s);

	return exp(log1p_ratio(t < -1 ? -1 : t) * y);
}

void modes_prepare_zipf(struct accessgen_pattern *a)
{
	double s = a->exponent;

	a->zipf_first = integral(s, 1.5) - 1;
	a->zipf_last = integral(s, (double)elements(a) + 0.5);
	a->zipf_sure = 2 - inverse(s, integral(s, 2.5) - density(s, 2));
}

uint64_t modes_draw_zipf(const struct accessgen_pattern *a, uint64_t *rng)
{
	double s = a->exponent, n = (double)elements(a);

	for (;;) {
		double u = a->zipf_last + (double)(random_next(rng) >> 11) * 0x1p-53 * (a->zipf_first - a->zipf_last);
		double x = inverse(s, u), k = floor(x + 0.5);

		k = k < 1 ? 1 : k > n ? n : k;
		if (k - x <= a->zipf_sure || u >= integral(s, k + 0.5) - density(s, k))
			return (uint64_t)k - 1;
	}
}

/* ---- visits ---- */

INLINE void some_elements(unsigned char *base, const struct accessgen_pattern *a, uint64_t *rng, uint32_t accesses, int is_zipf,
			  enum accessgen_mode mode)
{
	uint64_t n = elements(a);
	unsigned char *at[AHEAD];

	/* what is written is not waited for */
	if (mode == ACCESSGEN_WRITE) {
		for (uint32_t i = 0; i < accesses; i++)
			access_byte(base + (is_zipf ? modes_draw_zipf(a, rng) : random_below(rng, n)) * a->stride_bytes, mode);
		return;
	}
	for (uint32_t i = 0; i < accesses; i += AHEAD) {
		for (int k = 0; k < AHEAD; k++) {
			at[k] = base + (is_zipf ? modes_draw_zipf(a, rng) : random_below(rng, n)) * a->stride_bytes;
			__builtin_prefetch(at[k], mode != ACCESSGEN_READ);
		}
		for (int k = 0; k < AHEAD; k++)
			access_byte(at[k], mode);
	}
}

uint64_t modes_window_at(const struct accessgen_pattern *a, uint64_t ns)
{
	uint64_t size = elements(a) * a->stride_bytes;
	uint64_t moved = (uint64_t)((unsigned __int128)ns * a->window_bytes_per_s / 1000000000ull % size);

	return moved / a->stride_bytes * a->stride_bytes;
}

/* In turn within the window; what reaches over the end of the part is at its begin. */
INLINE uint64_t in_window(unsigned char *base, const struct accessgen_pattern *a, uint64_t from, uint32_t accesses, enum accessgen_mode mode)
{
	uint64_t size = elements(a) * a->stride_bytes, offset = a->next_offset;

	for (uint32_t i = 0; i < accesses; i++) {
		uint64_t at = from + offset;

		access_byte(base + (at < size ? at : at - size), mode);
		offset += a->stride_bytes;
		if (offset >= a->window_bytes)
			offset = 0;
	}
	return offset;
}

/* The mode is a constant in every use, so that no loop has a branch on it. */
INLINE void visit(unsigned char *base, struct accessgen_pattern *a, uint64_t *rng, uint64_t ns, uint32_t accesses, enum accessgen_mode mode)
{
	switch (a->kind) {
	case ACCESSGEN_STRIDE:
		a->next_offset = access_in_turn(base, a->to_bytes - a->from_bytes, a->stride_bytes, a->next_offset, accesses, mode);
		break;
	case ACCESSGEN_CHASE:
		a->next_offset = (uint64_t)(chase(base + a->next_offset, accesses, mode) - base);
		break;
	case ACCESSGEN_WINDOW:
		a->next_offset = in_window(base, a, modes_window_at(a, ns), accesses, mode);
		break;
	case ACCESSGEN_ZIPF:
		some_elements(base, a, rng, accesses, 1, mode);
		break;
	default:
		some_elements(base, a, rng, accesses, 0, mode);
	}
}

void modes_visit(unsigned char *base, struct accessgen_pattern *a, uint64_t *rng, uint64_t ns, uint32_t accesses)
{
	if (a->mode == ACCESSGEN_WRITE)
		visit(base, a, rng, ns, accesses, ACCESSGEN_WRITE);
	else if (a->mode == ACCESSGEN_READ)
		visit(base, a, rng, ns, accesses, ACCESSGEN_READ);
	else
		visit(base, a, rng, ns, accesses, ACCESSGEN_READ_WRITE);
}
