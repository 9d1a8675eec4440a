#define _GNU_SOURCE
#include "accessgen.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

/* Runs a configuration with several threads over the same memory. */

struct crowd {
	pthread_mutex_t telling;
	accessgen_logger *logger;
	void *arg;
	const struct accessgen_config *config;
	uint64_t log_ns;
};

struct member {
	struct crowd *crowd;
	struct accessgen_config config; /* the regions of all, phases of its own */
	uint64_t time_ns, rng;
	pthread_t thread;
	int err;
};

/* Where the thread begins in a pattern that goes on from where it was: as far apart from the others as can be. */
static uint64_t begin_of(const struct accessgen_pattern *a, uint32_t index, uint32_t threads)
{
	uint64_t size = a->kind == ACCESSGEN_WINDOW ? a->window_bytes : a->to_bytes - a->from_bytes;

	return a->stride_bytes ? size / a->stride_bytes * index / threads * a->stride_bytes : 0;
}

static int copy_phases(struct member *m, const struct accessgen_config *config, uint32_t index, uint32_t threads)
{
	m->config = *config;
	m->config.phases = calloc(config->nr_phases, sizeof(*m->config.phases));
	if (!m->config.phases)
		return ENOMEM;
	for (uint32_t i = 0; i < config->nr_phases; i++) {
		const struct accessgen_phase *from = &config->phases[i];
		struct accessgen_phase *to = &m->config.phases[i];

		*to = *from;
		to->patterns = calloc(from->nr_patterns ? from->nr_patterns : 1, sizeof(*to->patterns));
		if (!to->patterns)
			return ENOMEM;
		for (uint32_t k = 0; k < from->nr_patterns; k++) {
			to->patterns[k] = from->patterns[k];
			to->patterns[k].next_offset = begin_of(&to->patterns[k], index, threads);
		}
	}
	return 0;
}

static void free_phases(struct member *m)
{
	for (uint32_t i = 0; m->config.phases && i < m->config.nr_phases; i++)
		free(m->config.phases[i].patterns);
	free(m->config.phases);
}

/* One thread after the other, of the phase that all know. */
static void tell(void *arg, const struct accessgen_config *config, const struct accessgen_phase *phase, uint64_t from_ns, uint64_t to_ns,
		 const uint64_t *touches)
{
	struct crowd *c = arg;

	pthread_mutex_lock(&c->telling);
	c->logger(c->arg, c->config, &c->config->phases[phase - config->phases], from_ns, to_ns, touches);
	pthread_mutex_unlock(&c->telling);
}

static void *run(void *arg)
{
	struct member *m = arg;

	m->err = accessgen_run(&m->config, &m->time_ns, &m->rng, m->crowd->log_ns, tell, m->crowd);
	return NULL;
}

int accessgen_run_threads(struct accessgen_config *config, uint32_t threads, uint64_t *time_ns, uint64_t *rng, uint64_t log_ns,
			  accessgen_logger *logger, void *arg)
{
	struct crowd crowd = {.telling = PTHREAD_MUTEX_INITIALIZER, .logger = logger, .arg = arg, .config = config, .log_ns = log_ns};
	struct member *members = calloc(threads, sizeof(*members));
	uint32_t started = 0;
	int err = members ? 0 : ENOMEM;

	for (uint32_t i = 0; i < threads && !err; i++) {
		members[i].crowd = &crowd;
		members[i].time_ns = *time_ns;
		members[i].rng = *rng + i * 0x632be59bd9b4e019ull;
		err = copy_phases(&members[i], config, i, threads);
	}
	while (!err && started < threads && !(err = pthread_create(&members[started].thread, NULL, run, &members[started])))
		started++;
	for (uint32_t i = 0; i < started; i++) {
		pthread_join(members[i].thread, NULL);
		err = err ? err : members[i].err;
	}
	if (started) {
		*time_ns = members[0].time_ns;
		*rng = members[0].rng;
	}
	for (uint32_t i = 0; members && i < threads; i++)
		free_phases(&members[i]);
	free(members);
	return err;
}
