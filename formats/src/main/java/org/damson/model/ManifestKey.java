package org.damson.model;

import static org.damson.model.ManifestKey.Merging.ANY;
import static org.damson.model.ManifestKey.Merging.FIRST;
import static org.damson.model.ManifestKey.Merging.GREATEST;
import static org.damson.model.ManifestKey.Merging.LEAST;
import static org.damson.model.ManifestKey.Merging.NONE;
import static org.damson.model.ManifestKey.Merging.SAME;
import static org.damson.model.ManifestKey.Merging.SUM;
import static org.damson.model.ManifestKey.Merging.UNION;
import static org.damson.model.ManifestKey.Redaction.COARSE;
import static org.damson.model.ManifestKey.Redaction.COUNT;
import static org.damson.model.ManifestKey.Redaction.DROP;
import static org.damson.model.ManifestKey.Redaction.KEEP;
import static org.damson.model.ManifestKey.Redaction.MADE;
import static org.damson.model.ManifestKey.Redaction.PIDS;
import static org.damson.model.ManifestKey.Redaction.PSEUDONYM;
import static org.damson.model.ManifestKey.Redaction.RELEASE;
import static org.damson.model.ManifestKey.Redaction.TIMES;
import static org.damson.model.ManifestKey.Redaction.WORD;

import java.util.List;
import java.util.Map;

/**
 * Every key of {@link Manifest#host} and {@link Manifest#recording} that damson writes: its value, its writers, and how it
 * is redacted and merged. Writers and readers name keys through this list alone.
 */
public enum ManifestKey {
    KERNEL("host.kernel", Kind.TEXT, RELEASE, FIRST, "record, import", "release of the kernel"),
    MACHINE("host.machine", Kind.TEXT, DROP, FIRST, "record, import", "architecture"),
    CPUS("host.cpus", Kind.COUNT, COARSE, FIRST, "record, import", "number of CPUs"),
    MEMORY("host.memory_bytes", Kind.BYTES, DROP, FIRST, "record", "memory of the machine"),
    PAGE_SIZE("host.page_size_bytes", Kind.BYTES, KEEP, FIRST, "record", "size of a page"),
    HOST_NAME("host.host_name", Kind.TEXT, DROP, FIRST, "record, import", "name of the machine"),
    DAMON_USE("host.damon", Kind.TEXT, DROP, FIRST, "record", "who used kernel DAMON when the recording began"),

    LABELS("labels", Kind.TEXTS, DROP, SAME, "record, import", "labels given with --label, as service=web"),
    COMMAND("command", Kind.TEXTS, PSEUDONYM, SAME, "record", "command that was started to be recorded"),
    PIDS_RECORDED("pids", Kind.COUNTS, PIDS, UNION, "record, import", "processes, in the order of targets"),
    EXIT_STATUS("exit_status", Kind.COUNT, KEEP, SAME, "record", "exit status of the command"),
    FOLLOW_CHILDREN("follow_children", Kind.FLAG, KEEP, SAME, "record", "whether children are recorded too"),
    MAX_CPU_SHARE("max_cpu_share", Kind.SHARE, KEEP, GREATEST, "record", "upper bound on the recorder's CPU time"),
    DISTORTION("distortion", Kind.TEXT, DROP, SAME, "record", "what is approximate about referenced bits"),
    SELF_TEST("distortion_measured", Kind.TEXTS, DROP, FIRST, "record", "what the self-test found"),
    SERIES_NUMBER("series_number", Kind.COUNT, KEEP, NONE, "record", "place in a rotated series"),
    TRIGGER("trigger", Kind.TEXT, DROP, SAME, "record", "why a flight recorder wrote the trace"),
    REPLAY_SPEED("replay_speed", Kind.NUMBER, KEEP, SAME, "replay", "speed of the replay that was recorded"),

    WINDOW("sample_window_us", Kind.US, KEEP, SAME, "record", "time between clearing bits and reading them"),
    SPACING_MEAN("sample_spacing_mean_us", Kind.US, KEEP, GREATEST, "record", "mean time between samples"),
    SPACING_MAX("sample_spacing_most_us", Kind.US, KEEP, GREATEST, "record", "maximum time between samples"),
    SAMPLES("samples", Kind.COUNT, KEEP, SUM, "record", "samples taken"),
    STRETCHED(
            "samples_stretched_to_keep_cpu_share",
            Kind.COUNT,
            KEEP,
            SUM,
            "record",
            "samples delayed to bound the recorder's CPU time"),
    HELD_BACK(
            "samples_held_back_to_keep_slowdown",
            Kind.COUNT,
            KEEP,
            SUM,
            "record",
            "samples delayed to bound the targets' slowdown"),
    MAX_SLOWDOWN("max_slowdown", Kind.SHARE, KEEP, GREATEST, "record", "upper bound on the slowdown of the targets"),
    SLOWDOWN("slowdown_estimate", Kind.SHARE, KEEP, GREATEST, "record", "slowdown of the targets, estimated"),
    TLB_FLUSH("tlb_flush", Kind.FLAG, KEEP, SAME, "record", "whether the TLB was flushed with each clear"),
    TLB_FLUSHES("tlb_flushes", Kind.COUNT, KEEP, SUM, "record", "TLB flushes"),
    TLB_FLUSHES_FAILED("tlb_flushes_failed", Kind.COUNT, KEEP, SUM, "record", "TLB flushes that the kernel refused"),
    SOFT_DIRTY("soft_dirty", Kind.FLAG, KEEP, SAME, "record", "whether the kernel marks written pages"),
    WRITTEN("written", Kind.FLAG, KEEP, SAME, "record", "whether written pages were recorded"),
    WRITTEN_TOLD("written_mappings_told", Kind.COUNT, KEEP, SUM, "record", "mappings in use of which writes are known"),
    WRITTEN_NOT_KNOWN(
            "written_mappings_not_known", Kind.COUNT, KEEP, SUM, "record", "mappings whose writes are unknown"),
    STACKS_HZ("stacks.hz", Kind.PER_S, KEEP, GREATEST, "record", "requested samples per second of CPU time"),
    STACKS_HZ_LEAST("stacks.hz_least", Kind.PER_S, KEEP, LEAST, "record", "lowest rate taken, to bound the cost"),
    STACKS_KERNEL("stacks.kernel", Kind.FLAG, KEEP, SAME, "record", "whether the kernel's own code is sampled"),
    STACKS_SYSTEM_WIDE("stacks.system_wide", Kind.FLAG, KEEP, SAME, "record", "whether all processes are sampled"),
    STACKS_CPU("stacks.cpu_ms", Kind.MS, KEEP, SUM, "record", "CPU time of reading samples"),
    STACKS_CUT(
            "stacks.cut",
            Kind.COUNT,
            KEEP,
            SUM,
            "record",
            "samples so deep that their outermost frames may be missing"),
    STACKS_FAULTS_LEFT_OUT(
            "stacks.page_faults_left_out", Kind.COUNT, KEEP, SUM, "record", "page faults other than first touches"),
    STACKS_TOUCHES_LEFT_OUT(
            "stacks.first_touches_left_out",
            Kind.COUNT,
            KEEP,
            SUM,
            "record",
            "first touches beyond the limit per second"),
    STACKS_UNWOUND("stacks.unwound", Kind.FLAG, KEEP, SAME, "record", "whether copies of user stacks are unwound"),
    STACKS_COPIES("stacks.copies", Kind.COUNT, KEEP, SUM, "record", "copies of user stacks that were unwound"),
    STACKS_COPIES_WHOLE("stacks.copies_whole", Kind.COUNT, KEEP, SUM, "record", "copies unwound to the thread's start"),
    COUNTERS_LACKING(
            "counters.lacking", Kind.TEXT, DROP, FIRST, "record", "counters that the processor lacks, and why"),
    STACKS_REFUSED("stacks.refused", Kind.TEXT, DROP, FIRST, "record", "why there are no call stacks"),
    SELF_TEST_GOOD("self_test_good", Kind.FLAG, KEEP, SAME, "record", "whether the self-test succeeded"),
    TLB_BLIND("tlb_blind", Kind.FLAG, KEEP, SAME, "record", "whether memory in use reads as idle without a flush"),
    UNFLUSHED_SEEN("unflushed_seen_least", Kind.SHARE, KEEP, LEAST, "record", "memory in use detected without a flush"),
    FLUSHED_SEEN("flushed_seen_least", Kind.SHARE, KEEP, LEAST, "record", "memory in use detected with a flush"),
    PAGE_TOUCH("page_touch_ns", Kind.NS, KEEP, GREATEST, "record", "cost of the first touch of a page after a clear"),
    PAGE_TOUCH_FLUSHED(
            "page_touch_flushed_ns",
            Kind.NS,
            KEEP,
            GREATEST,
            "record",
            "cost of the first touch of a page after a clear and a flush"),
    HUGE_PAGE_TOUCH("huge_page_touch_ns", Kind.NS, KEEP, GREATEST, "record", "the same for a huge page, per 4 KiB"),

    ACCURACY_PATTERNS("accuracy_patterns", Kind.COUNT, KEEP, SAME, "record", "certificate: patterns judged"),
    ACCURACY_PASSED("accuracy_patterns_passed", Kind.COUNT, KEEP, SAME, "record", "certificate: patterns passed"),
    ACCURACY_UNDECIDED(
            "accuracy_patterns_place_not_decided", Kind.COUNT, KEEP, SAME, "record", "certificate: place not decided"),
    ACCURACY_WSS_ERROR("accuracy_wss_error", Kind.SHARE, KEEP, SAME, "record", "certificate: working-set size error"),
    ACCURACY_F1("accuracy_f1", Kind.NUMBER, KEEP, SAME, "record", "certificate: F1 of the place"),
    ACCURACY_CORRELATION("accuracy_correlation", Kind.NUMBER, KEEP, SAME, "record", "certificate: correlation of heat"),
    ACCURACY_DETECTION("accuracy_detection", Kind.SHARE, KEEP, SAME, "record", "certificate: accesses detected"),

    OPS("ops", Kind.TEXT, WORD, SAME, "record, simulate", "DAMON's operations: vaddr, fvaddr or paddr"),
    ADDR_UNIT("damon.addr_unit", Kind.COUNT, KEEP, SAME, "record", "DAMON's address unit, if not 1"),
    INTERVALS_GOAL("damon.intervals_goal", Kind.TEXT, DROP, SAME, "record", "goal of DAMON's interval tuning"),
    DAMON_SCHEMES("damon.schemes", Kind.TEXTS, COUNT, UNION, "record", "actions of the schemes set up"),
    CUTTING_SCHEMES("damon.cutting_schemes", Kind.COUNTS, KEEP, UNION, "record", "schemes that may split regions"),
    ADDRESS_FILTERS("damon.address_filters", Kind.FLAG, KEEP, ANY, "record", "whether a scheme filters by address"),
    RANGES("damon.ranges", Kind.TEXTS, DROP, UNION, "record", "physical ranges monitored"),
    DAMON_NOTES("damon_notes", Kind.TEXTS, DROP, UNION, "record", "notes on the set-up of DAMON"),
    PROCESSES("processes", Kind.OBJECTS, DROP, UNION, "record", "targets: number, pid, name, times"),
    TARGETS_ADDED("targets_added_at_ns", Kind.TIMES, TIMES, UNION, "record", "when targets were added"),
    STATE_NOT_READ("state_not_read", Kind.TEXT, DROP, FIRST, "record", "reads of the kdamond's state that failed"),
    ENDED_BY("ended_by", Kind.TEXT, DROP, FIRST, "record", "who ended the recording before its time"),
    SNAPSHOT_EVERY("snapshot_every_ns", Kind.NS, KEEP, SAME, "record", "time between snapshots of tried regions"),
    KDAMOND_CPU("kdamond_cpu_ms", Kind.MS, KEEP, SUM, "record", "CPU time of the kdamonds"),
    CHECKS_LEAST("access_checks_per_s_at_least", Kind.PER_S, KEEP, LEAST, "record", "DAMON's access checks, least"),
    CHECKS_BOUND("access_checks_per_s_bound", Kind.PER_S, KEEP, GREATEST, "record", "DAMON's access checks, bound"),
    RING_BYTES("trace_ring.bytes", Kind.BYTES, KEEP, GREATEST, "record", "size of the trace ring"),
    RING_PAGES("trace_ring.pages_read", Kind.COUNT, KEEP, SUM, "record", "pages of the trace ring that were read"),
    RING_OVERRUN("trace_ring.events_overrun", Kind.COUNT, KEEP, SUM, "record", "events the ring overwrote"),
    RING_CUT(
            "trace_ring.regions_cut_at_start_or_end",
            Kind.COUNT,
            KEEP,
            SUM,
            "record",
            "regions of unfinished snapshots"),
    RING_LEFT_OUT("trace_ring.events_left_out", Kind.TEXT, DROP, FIRST, "record", "unknown events, by name"),
    ATTACHED("attached", Kind.FLAG, KEEP, ANY, "record", "whether the kdamonds belong to another program"),
    KDAMONDS("kdamonds", Kind.OBJECTS, DROP, UNION, "record, import", "kdamonds: number, thread, set-up, probes"),
    FED_THROUGH("fed_through", Kind.TEXT, DROP, FIRST, "record (tests)", "marker file that events came through"),
    SYNTHETIC_SEED("synthetic_seed", Kind.COUNT, KEEP, SAME, "record (tests)", "seed of synthetic regions"),

    CONFIG("config", Kind.TEXT, DROP, SAME, "simulate", "generator's configuration that was simulated"),
    KERNEL_MODEL("kernel_model", Kind.TEXT, RELEASE, SAME, "simulate", "kernel version that was simulated"),
    SEED("seed", Kind.COUNT, KEEP, SAME, "simulate", "seed of the simulation"),
    DETECTION("detection", Kind.SHARE, KEEP, SAME, "simulate", "probability that an access is seen"),
    SCHEMES("schemes", Kind.COUNT, KEEP, GREATEST, "simulate", "schemes that were simulated"),

    SIDE_FILES("side_files", Kind.TEXTS, DROP, UNION, "import", "damo's side files that were read"),
    SIDE_FILES_SHIFT("side_files_shift_ns", Kind.NS, DROP, SAME, "import", "offset of the side files' times"),
    SIDE_FILES_ERROR(
            "side_files_shift_error_ns", Kind.NS, KEEP, GREATEST, "import", "possible error of the side files' times"),

    DERIVED_BY(
            "derived_by",
            Kind.TEXT,
            DROP,
            FIRST,
            "slice, merge, bundle, symbolize",
            "how the trace was derived from others"),
    MERGED_ROWS("merged_rows", Kind.TEXTS, DROP, NONE, "merge", "traces that it holds, by digests of their regions"),
    MADE_FROM("made_from", Kind.TEXTS, DROP, NONE, "slice, merge, symbolize", "traces that it was made from, likewise"),
    MERGED_DESPITE("merged_despite", Kind.TEXTS, DROP, UNION, "merge --mixed", "reasons against merging"),
    SUMMED_ROWS(
            "summed_rows",
            Kind.TEXT,
            MADE,
            NONE,
            "all that write traces",
            "digest of the rows that the stored sums are of"),
    JOURNALS("journals", Kind.TEXT, DROP, NONE, "record", "what the journals of an unsealed trace are marked with"),
    RECOVERY("recovery", Kind.TEXT, DROP, FIRST, "recover", "what the recorder may have lost"),
    DAMAGE("damage", Kind.TEXTS, COUNT, UNION, "recover", "damage found, one line for each place"),
    REDACTED("redacted", Kind.TEXT, MADE, SAME, "bundle --redact", "what redaction replaced"),
    STILL_TELLING("still_identifying", Kind.TEXTS, MADE, UNION, "bundle --redact", "what could still identify");

    /** The type of a value. */
    public enum Kind {
        TEXT("text", ""),
        TEXTS("list of text", ""),
        COUNT("integer", ""),
        COUNTS("list of integers", ""),
        NUMBER("number", ""),
        SHARE("number", "share, 0 to 1"),
        FLAG("boolean", ""),
        NS("number", "ns"),
        US("integer", "us"),
        MS("integer", "ms"),
        BYTES("integer", "bytes"),
        PER_S("integer", "1/s"),
        TIMES("list of integers", "ns of the trace's clock"),
        OBJECTS("list of objects", "");

        private final String type;
        private final String unit;

        Kind(String type, String unit) {
            this.type = type;
            this.unit = unit;
        }

        public String type() {
            return type;
        }

        /** Empty if it has none. */
        public String unit() {
            return unit;
        }

        private boolean accepts(Object value) {
            return switch (this) {
                case TEXT -> value instanceof String;
                case FLAG -> value instanceof Boolean;
                case NUMBER, SHARE, NS -> value instanceof Number;
                case COUNT, US, MS, BYTES, PER_S -> isInteger(value);
                case TEXTS, COUNTS, TIMES, OBJECTS ->
                    value instanceof List<?> list && list.stream().allMatch(this::acceptsElement);
            };
        }

        private boolean acceptsElement(Object value) {
            return this == TEXTS ? value instanceof String : this == OBJECTS ? value instanceof Map : isInteger(value);
        }

        private static boolean isInteger(Object value) {
            return value instanceof Long || value instanceof Integer;
        }
    }

    /** How a value is redacted. A value of another type than the declared one is left out. */
    public enum Redaction {
        /** Unchanged: a number or a flag that identifies nobody. */
        KEEP,
        /** Unchanged; with {@code --redact=strict} rounded up to a power of two. */
        COARSE,
        /** The first three numbers of a kernel's release; with {@code --redact=strict} the first two. */
        RELEASE,
        /** Unchanged if it is one of DAMON's words for operations. */
        WORD,
        /** A pseudonym; with {@code --redact=strict} left out. */
        PSEUDONYM,
        /** Pseudonyms of processes. */
        PIDS,
        /** Times from the first snapshot. */
        TIMES,
        /** The same number of elements, without their content. */
        COUNT,
        /** Left out. */
        DROP,
        /** Written by redaction itself. */
        MADE
    }

    /** How the values of several traces are merged. */
    public enum Merging {
        /** As of the first trace. */
        FIRST,
        /** Kept where all traces have the same. */
        SAME,
        SUM,
        LEAST,
        GREATEST,
        /** True if it is in any of them. */
        ANY,
        /** All elements, each once, in the order of the traces. */
        UNION,
        /** Left out. */
        NONE
    }

    private final ManifestPath path;
    private final Kind kind;
    private final Redaction redaction;
    private final Merging merging;
    private final String writer;
    private final String meaning;

    ManifestKey(String path, Kind kind, Redaction redaction, Merging merging, String writer, String meaning) {
        this.path = new ManifestPath(path);
        this.kind = kind;
        this.redaction = redaction;
        this.merging = merging;
        this.writer = writer;
        this.meaning = meaning;
    }

    /** Its name in the manifest, with a dot between an object and a key in it; those of the host begin with {@code host.} */
    public String path() {
        return path.text();
    }

    /** Its name in the map that holds it. */
    public String key() {
        return path.key();
    }

    public Kind kind() {
        return kind;
    }

    public Redaction redaction() {
        return redaction;
    }

    public Merging merging() {
        return merging;
    }

    /** The commands that write it. */
    public String writer() {
        return writer;
    }

    /** A short description of the value. */
    public String meaning() {
        return meaning;
    }

    public boolean isOfHost() {
        return path.isOfHost();
    }

    /** Its value; null if it is not there. */
    public Object get(Manifest m) {
        return get(path.section(m));
    }

    /** Its value in {@link Manifest#host} or {@link Manifest#recording}; null if it is not there. */
    public Object get(Map<String, ?> section) {
        return path.get(section);
    }

    /** Its value as a number, {@code absent} where it has none. */
    public double number(Manifest m, double absent) {
        return get(m) instanceof Number n ? n.doubleValue() : absent;
    }

    /** Whether its value is true. */
    public boolean isTrue(Manifest m) {
        return Boolean.TRUE.equals(get(m));
    }

    /** Its elements, none if it is not a list. */
    public List<?> list(Manifest m) {
        return get(m) instanceof List<?> list ? list : List.of();
    }

    /** Whether a value is of the declared type. */
    public boolean accepts(Object value) {
        return kind.accepts(value);
    }

    /** @throws IllegalArgumentException if the value is not of the declared type */
    public void put(Manifest m, Object value) {
        put(path.section(m), value);
    }

    /**
     * Sets its value in {@link Manifest#host} or {@link Manifest#recording}.
     *
     * @throws IllegalArgumentException if the value is not of the declared type
     */
    public void put(Map<String, Object> section, Object value) {
        if (!accepts(value)) {
            throw new IllegalArgumentException(path() + " is declared as " + kind.type() + ": " + value);
        }
        path.set(section, value);
    }

    void set(Map<String, Object> section, Object value) {
        path.set(section, value);
    }

    /** Removes it, and the object around it if that becomes empty. */
    public void remove(Map<String, Object> section) {
        path.remove(section);
    }
}
