/*
 * accessgen: touches memory in given patterns and says what it touched.
 *
 * A configuration is text in masim's format:
 *
 *   # regions: name, size [, file to load] [, at address] [, huge|small]   sizes take K, M, G, T (powers of 1024)
 *   a, 32M
 *   b, 32M, at 0x200000000000
 *   c, 32M, huge                                      huge pages are asked for (MADV_HUGEPAGE); small: asked not to be used
 *
 *   # phases: name line, milliseconds line, then patterns: region, random?, stride, weight [, ro|wo|rw [, from..to]]
 *   phase one
 *   2000
 *   a, 0, 4096, 1, rw
 *   b, 0, 4096, 1, rw, 8M..24M                        that part of the region alone
 *
 * The second field of a pattern is masim's: 0 is in turn, STRIDE bytes apart, in each page at another cache line where the stride is
 * of whole pages; another number is any byte at random. Or it is a word, for what loads caches and memory exactly as given. The
 * region, or the part of it, consists of elements of STRIDE bytes then, of which what is left over at the end is none, and an
 * access is to the first byte of one:
 *
 *   stride                 in turn
 *   random                 at random
 *   chase                  from link to link, each access waits for the one before: all elements in one random cycle. What is
 *                          written lies behind the link of 8 bytes; no other pattern may write to what is chased
 *   zipf:EXPONENT          at random, the i-th element as often as 1 / i^EXPONENT says, more than 0, up to 10
 *   window:SIZE:SPEED/s    in turn in a window of so many bytes, which moves over the part from its begin when the phase begins,
 *                          so many bytes a second, and is at its begin again behind its end
 *
 * Blank lines separate paragraphs; several count as one; text after a # that begins a line or follows a blank is a comment;
 * blanks around fields do not matter.
 * Every region is a mapping of its own with an inaccessible page on either side, written once so that reads meet memory of
 * its own. Phases end on absolute CLOCK_MONOTONIC deadlines. A phase whose weights are all 0 sleeps.
 *
 * Functions return 0 or an errno value.
 */
#ifndef ACCESSGEN_H
#define ACCESSGEN_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define ACCESSGEN_MAX_REGIONS 65536  /* about as many mappings as the kernel lets a process have */
#define ACCESSGEN_MAX_PHASES 1048576 /* a configuration takes about 200 bytes for each */
#define ACCESSGEN_NAME 128
/* The page of configurations and plans, and what costs are told of; a machine's may be larger. */
#define ACCESSGEN_PAGE 4096ull

enum accessgen_pages { ACCESSGEN_ANY_PAGES, ACCESSGEN_HUGE_PAGES, ACCESSGEN_SMALL_PAGES };

enum accessgen_mode { ACCESSGEN_WRITE, ACCESSGEN_READ, ACCESSGEN_READ_WRITE };

enum accessgen_kind {
	ACCESSGEN_IN_TURN,
	ACCESSGEN_AT_RANDOM, /* any byte */
	ACCESSGEN_STRIDE,
	ACCESSGEN_RANDOM, /* elements */
	ACCESSGEN_CHASE,
	ACCESSGEN_ZIPF,
	ACCESSGEN_WINDOW
};

struct accessgen_region {
	char name[ACCESSGEN_NAME];
	char data_file[ACCESSGEN_NAME * 4]; /* empty: none */
	uint64_t size_bytes;
	uint64_t address;    /* where it must be; 0: anywhere */
	enum accessgen_pages pages;
	unsigned long line;  /* of the configuration */
	unsigned char *base; /* NULL until accessgen_map */
	uint64_t chase_from_bytes, chase_to_bytes, chase_stride_bytes; /* what is chased; a stride of 0: nothing */
};

struct accessgen_pattern {
	uint32_t region; /* index */
	enum accessgen_kind kind;
	uint64_t stride_bytes;
	uint32_t weight;
	enum accessgen_mode mode;
	uint64_t from_bytes, to_bytes; /* the part of the region that is touched */
	uint64_t next_offset;	       /* from from_bytes on */
	uint64_t accesses;	       /* since accessgen_run last told its logger */
	unsigned long line;	       /* of the configuration */
	double exponent;	       /* of zipf, and what follows from it */
	double zipf_first, zipf_last, zipf_sure;
	uint64_t window_bytes, window_bytes_per_s;
};

struct accessgen_phase {
	char name[ACCESSGEN_NAME];
	uint64_t duration_ms;
	struct accessgen_pattern *patterns;
	uint32_t nr_patterns;
	uint64_t total_weight;
	uint64_t begin_ns; /* CLOCK_MONOTONIC; set when it runs */
};

struct accessgen_config {
	struct accessgen_region *regions;
	uint32_t nr_regions;
	struct accessgen_phase *phases;
	uint32_t nr_phases;
	char file[256];  /* its name, for errors */
	char error[512]; /* "file:line: rule" after a failure */
};

/** Reads a configuration. On error returns EINVAL or what opening gave, with config->error set. */
int accessgen_parse(const char *file, struct accessgen_config *config);

/**
 * Maps, writes and loads every region, a file shorter than its region again and again. ENOMEM if the machine has less memory
 * available than they need, EEXIST if an address is taken, EINVAL for an empty file; config->error says which and where.
 */
int accessgen_map(struct accessgen_config *config);

/**
 * Runs one phase in the calling thread until deadline_ns (CLOCK_MONOTONIC).
 * @param rng  state of the random generator, kept between calls
 * @param touches  one counter per region, added to
 */
int accessgen_run_phase(struct accessgen_config *config, struct accessgen_phase *phase, uint64_t deadline_ns, uint64_t *rng,
			uint64_t *touches);

/** What a log gets: accesses to regions between two times of CLOCK_MONOTONIC, one counter per region. */
typedef void accessgen_logger(void *arg, const struct accessgen_config *config, const struct accessgen_phase *phase,
			      uint64_t from_ns, uint64_t to_ns, const uint64_t *touches);

/**
 * Runs all phases in turn, each until the sum of the times so far has passed since the first began, so that a late phase
 * shortens the next and no lateness adds up. Tells the logger after every phase and, unless 0, at least every log_ns.
 * @param time_ns  when the first phase begins, CLOCK_MONOTONIC; set to when the last should have ended
 */
int accessgen_run(struct accessgen_config *config, uint64_t *time_ns, uint64_t *rng, uint64_t log_ns,
		  accessgen_logger *logger, void *arg);

/**
 * The same with several threads over the same regions: each runs all phases with random numbers of its own, and begins patterns
 * that go on from where they were as far apart from the others as can be. The logger is called by one thread at a time, with what
 * that thread accessed; the members of the patterns are not told.
 */
int accessgen_run_threads(struct accessgen_config *config, uint32_t threads, uint64_t *time_ns, uint64_t *rng, uint64_t log_ns,
			  accessgen_logger *logger, void *arg);

/*
 * The same in three calls without structures, for whoever binds the library from another language.
 */
struct accessgen;

/** Parses and maps. *handle is to be closed; on error it is NULL and error says why. */
int accessgen_open(const char *file, struct accessgen **handle, char *error, size_t error_size);

uint32_t accessgen_nr_regions(const struct accessgen *handle);

/** Address and size of a region with index < accessgen_nr_regions. */
uint64_t accessgen_region_address(const struct accessgen *handle, uint32_t index);
uint64_t accessgen_region_bytes(const struct accessgen *handle, uint32_t index);

/** Runs all phases in the calling thread; touches gets the number of accesses per region. */
int accessgen_run_all(struct accessgen *handle, uint64_t seed, uint64_t *touches);

void accessgen_close(struct accessgen *handle);

/** Touches every page of [base, base + size) once, in each page another cache line. Returns the number of pages. */
uint64_t accessgen_touch_pages(volatile unsigned char *base, uint64_t size_bytes);

/**
 * Maps size bytes with an inaccessible page on either side; *base is page aligned.
 * @param address  where, a multiple of the page size, or 0 for anywhere; EEXIST if something is there already
 */
int accessgen_map_guarded(uint64_t size_bytes, uint64_t address, unsigned char **base);

/** Undoes accessgen_map_guarded. */
void accessgen_unmap_guarded(unsigned char *base, uint64_t size_bytes);

uint64_t accessgen_now_ns(void);

/** Sleeps until an absolute CLOCK_MONOTONIC time. */
void accessgen_sleep_until(uint64_t time_ns);

void accessgen_free(struct accessgen_config *config);

/** What windows of time saw of memory that was touched all the time. */
struct accessgen_seen {
	uint32_t windows;
	uint32_t undisturbed; /* those in which the toucher never left its processor */
	double least;	      /* share of the memory that was marked referenced, 0 to 1, in the window that saw least */
};

/** What clearing referenced bits through /proc/PID/clear_refs means on this machine. */
struct accessgen_touch_cost {
	struct accessgen_seen unflushed; /* after "1" */
	struct accessgen_seen flushed;	 /* after "1" and "4" */
	int flush_error;		 /* errno of writing "4"; 0: it works */
	double page_ns;			 /* what the first touch of a 4 KiB page costs at most after "1", ns of processor time */
	double flushed_page_ns;		 /* after "1" and "4" */
	double huge_page_ns;		 /* the same of each 4 KiB in huge pages, flushed if that works; -1: none were to be had */
	int soft_dirty_error;		 /* 0: after "4" pagemap tells which pages were written; ENOTSUP: it does not; or why not known */
};

/**
 * Measures the above for about ns nanoseconds, by clearing the bits of the calling process; a child clears them from
 * another processor where costs are measured.
 * Returns 0 or the errno value that clear_refs, smaps or mapping memory gave.
 */
int accessgen_measure_touch_cost(uint64_t ns, struct accessgen_touch_cost *out);

/**
 * Flushes all TLB entries of the calling process, on x86-64 by changing the protection of a scratch mapping of its own: what is touched
 * afterwards has its accessed bit set, also where the processor or a hypervisor would have gone on with an entry it held.
 */
int accessgen_map_scratch(unsigned char **scratch);
int accessgen_flush_tlb(unsigned char *scratch);
void accessgen_unmap_scratch(unsigned char *scratch);

/** Memory that can be had without swapping, bytes; no limit if the kernel does not say. */
uint64_t accessgen_available_bytes(void);

/* Size of a page of this machine, at least ACCESSGEN_PAGE. */
uint64_t accessgen_machine_page(void);

/** Classes of touches that a report counts apart: in all samples, in half of them or more, in a tenth or more, in fewer. */
#define ACCESSGEN_CLASSES 4

#define ACCESSGEN_MAX_THREADS 64

struct accessgen_plan_report {
	uint64_t start_ns; /* CLOCK_MONOTONIC time of the plan's time 0 */
	uint64_t intended_pages;
	uint64_t touched_pages;
	uint64_t again_pages;  /* touched once more within their slice; not in what is intended */
	uint64_t slices;
	uint64_t late_slices;  /* begun more than a tenth of their length late */
	uint64_t late_wakeups; /* those of them that were slept for: the machine woke us late */
	uint64_t shed_slices;  /* over before they began: not touched */
	uint64_t max_late_ns;
	uint64_t mean_late_ns;
	uint64_t wall_ns;
	uint64_t beyond; /* processes that made less than half of their touches although they had the processor half of the time that the plan has */
	uint64_t tlb_flushes;
	uint64_t tlb_flush_ns; /* what they took; what the touches after them take more is in their lateness */
	uint64_t class_intended[ACCESSGEN_CLASSES];
	uint64_t class_touched[ACCESSGEN_CLASSES];
};

/** What happens around a play; every member may be NULL. */
struct accessgen_plan_hooks {
	/** All is mapped and filled, the first slice has not begun. What is not 0 ends the play with that error. */
	int (*ready)(void *arg, const int *pids, uint32_t nr_processes);
	/** The last slice is over, the memory is still mapped. */
	void (*done)(void *arg, const struct accessgen_plan_report *report);
	void *arg;
	int flush_tlb;	 /* once a slice, so that its touches set accessed bits that were cleared since the last */
	const char *log; /* gets a line per touch: from_ns,to_ns,address,intended_pages,touched_pages */

	/** Threads of each process, up to ACCESSGEN_MAX_THREADS, which share what is touched; 0 is one. */
	uint32_t threads;

	/** The seed by which is drawn in which slices a region is touched, as often as ever, and when in its slice. */
	const uint64_t *jitter;

	/** Processors that the processes may use: "0-3,6". */
	const char *cpus;

	/** Where their memory comes from (set_mempolicy): "bind:0-1", "interleave:0,1" or "preferred:0". */
	const char *numa;

	/** Gets a line to tell the user before anything is mapped. */
	void (*note)(void *arg, const char *text);
};

/**
 * Plays a replay plan; of the executable, not of the library, since it starts itself again. A plan is text:
 *
 *   damson-plan 1                            the first line
 *   process NAME                             what follows is this process's own; up to 64
 *   map TIME ADDRESS SIZE [none] [huge|hugetlb|small] [apart|aside] [file] [shared]
 *   fill TIME ADDRESS SIZE [pages N] [written N]
 *                                            touched once, so that no slice pays for page faults
 *   unmap TIME ADDRESS SIZE
 *   snapshot TIME DURATION SLICES            its time is cut into so many slices
 *   touch ADDRESS SIZE SAMPLES [first|last] [pages N] [written N]
 *                                            touched in so many of these slices, evenly spread, or in the first or the last
 *
 * Times are whole numbers of ns, us, ms or s from the start and do not run backwards within a process; addresses are
 * hexadecimal with 0x; sizes are whole pages of 4096 bytes, with K, M, G or T. What is mapped and filled at time 0 is so before
 * the start. none: only the address space is taken, nothing may touch it; huge: of transparent huge pages, hugetlb: of huge pages of
 * 2 MiB of the pool, small: of none; apart, aside: does not become one mapping with a neighbour that has not the same word; file: it maps a temporary file that the process has for this,
 * without a name, in $TMPDIR or /var/tmp, else it is anonymous; shared: what is written goes to that file or to shared memory, else
 * to pages of the process's own. What follows a # is comment.
 *
 * pages: so many pages of the range are touched, else all. They lie evenly in it, are the same whenever as many are asked for, and
 * are among those that are touched when more are (by their page numbers with the bits reversed, the least first). written: so many
 * of them, the first in that order, are written and the others read, else all are written. Memory without a file is filled by
 * writing alone, and only read after it was written: the kernel has one page of zeroes for all that is read before.
 *
 * Each process has nothing in its memory but what the plan maps and a block of up to 304 KiB and 4 KiB for each further thread, which lies where it changes least
 * of the ranges that DAMON would monitor. Memory that a snapshot has in one slice and the next is touched again in between,
 * where there is time. A slice whose time is over before it began is shed and counted.
 *
 * The whole plan is read before anything is mapped. Returns EINVAL for a malformed plan, ENOMEM for one that touches more memory
 * than is available, ENOSPC where there is no room for the files that it maps, ENODEV for processors, nodes or huge pages that this
 * machine does not have, the error of a mapping, or what the ready hook returned, with error set.
 */
int accessgen_play(const char *file, const struct accessgen_plan_hooks *hooks, struct accessgen_plan_report *report,
		   char *error, size_t error_size);

/** Whether these are what a play takes: 0, EINVAL for what is no such text, ENODEV for what this machine does not have, with error set. */
int accessgen_check_placement(const char *cpus, const char *numa, char *error, size_t error_size);

/** Whether a file begins as a plan does. */
int accessgen_is_plan(const char *file);

/** Reads a whole plan without playing it: how many processes it has, and how much memory it has touched at a time at most. */
int accessgen_check_plan(const char *file, uint32_t *nr_processes, uint64_t *most_bytes, char *error, size_t error_size);

/** What a plan asks for, and what of it this machine would do. */
struct accessgen_feasibility {
	uint32_t nr_processes, cpus;	      /* that they may use */
	uint32_t threads;		      /* of each process */
	uint64_t most_bytes, available_bytes; /* filled at a time, at most; what there is */
	double page_ns, flushed_page_ns;      /* what a touch takes, and after a flush */
	double flush_ns;		      /* what a flush takes */
	double fill_ns;			      /* what the first touch of a page takes */
	double late_ns;			      /* by how much a sleeper wakes late, the mean */
	uint64_t slices, late_slices;	      /* with touches; not over in time */
	uint64_t intended_pages, pages_in_time; /* of slices that would begin in time */
};

/**
 * Measures for about a second what touches, first touches and flushes take here and how late sleepers wake, with the load there is, and
 * reckons how much of a plan would be done in time, with what of the hooks says how it is played. Where the plan fills more than there is,
 * nothing is measured.
 */
int accessgen_feasible(const char *file, const struct accessgen_plan_hooks *hooks, struct accessgen_feasibility *out, char *error, size_t error_size);

/** Becomes a player of a plan: what accessgen_play starts its own executable with, never otherwise. Returns 3 if it cannot. */
int accessgen_become_player(char **argv);

#endif
