package org.damson.model;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** The content of a trace's {@code manifest.json}. Keys this version does not know are kept in {@link #extra}. */
public final class Manifest {
    /** The format this code writes. Since 2 the manifest has a digest of itself. */
    public static final int FORMAT_VERSION = 2;

    private static final long USUAL_PAGE_BYTES = 4096;
    private static final long MAX_PAGE_BYTES = 1 << 20;

    /** State of a trace. */
    public enum State {
        RECORDING,
        SEALED,
        RECOVERED
    }

    /** The clock of the trace's times. */
    public enum ClockKind {
        /** CLOCK_MONOTONIC of the recording host. */
        MONOTONIC,
        /** The clock of perf or tracefs events, seconds since boot by default. */
        PERF,
        /** Nanoseconds since 1970. */
        EPOCH,
        UNKNOWN
    }

    /** Where the snapshots of a trace come from: every value of {@link #source} that damson writes. */
    public enum Source {
        REFERENCED("referenced", "record", "referenced bits of processes"),
        DAMON("damon", "record", "kernel DAMON, live"),
        SYNTHETIC("synthetic", "record (tests, benchmarks)", "seeded random regions"),
        SIMULATED("simulated", "simulate --truth --record", "simulated DAMON"),
        PROGRAM("program", "org.damson.api.TraceWriter", "snapshots that a program gave"),
        TEXT("import:text", "import", "text of trace_pipe, perf script, perf trace or trace-cmd report"),
        PERF_DATA("import:perf.data", "import", "perf.data"),
        TRACE_DAT("import:trace.dat", "import", "trace-cmd's trace.dat"),
        DAMO("import:damo", "import", "damo's JSON"),
        DAMO_BINARY("import:damo-binary", "import", "damo's binary records");

        private static final String IMPORTED = "import:";

        private final String text;
        private final String writer;
        private final String meaning;

        Source(String text, String writer, String meaning) {
            this.text = text;
            this.writer = writer;
            this.meaning = meaning;
        }

        /** Its text in the manifest. */
        public String text() {
            return text;
        }

        /** The commands that write it. */
        public String writer() {
            return writer;
        }

        /** The origin of the snapshots. */
        public String meaning() {
            return meaning;
        }

        /** Whether a trace has this source. */
        public boolean is(Manifest m) {
            return text.equals(m.source);
        }

        /** The one that a manifest names; null if it names none that is declared here. */
        public static Source of(Manifest m) {
            for (Source source : values()) {
                if (source.is(m)) {
                    return source;
                }
            }
            return null;
        }

        /** Whether a trace is another program's recording, of a kind that is declared here or not. */
        public static boolean isImported(Manifest m) {
            return m.source.startsWith(IMPORTED);
        }
    }

    /**
     * One sealed file.
     *
     * @param name file name inside the trace directory
     * @param table the table it belongs to
     * @param rows number of rows
     * @param fromNs least time in it, 0 if the table has no time
     * @param toNs greatest time in it
     * @param sha256 lower-case hexadecimal digest of its content
     * @param sizeBytes its length
     */
    public record FileEntry(
            String name, Table table, long rows, long fromNs, long toNs, String sha256, long sizeBytes) {}

    public int formatVersion = FORMAT_VERSION;
    public String toolVersion = "";
    public State state = State.RECORDING;
    public ClockKind clock = ClockKind.UNKNOWN;

    /** Add to a trace time to get nanoseconds since boot; null if not known. */
    public Long toBootNs;

    /** Add to a trace time to get nanoseconds since 1970; null if not known. */
    public Long toEpochNs;

    /** Where snapshots come from: {@link Source#text}, or what a newer version wrote; empty if nothing says. */
    public String source = "";

    /** Time that may be lost if the recorder is killed, nanoseconds; 0 for traces that were never live. */
    public long flushIntervalNs;

    public MonitoringAttrs attrs = MonitoringAttrs.DEFAULTS;

    /** Facts of the recording host, by {@link ManifestKey}. */
    public final Map<String, Object> host = new LinkedHashMap<>();

    /** Facts of the recording, by {@link ManifestKey}. */
    public final Map<String, Object> recording = new LinkedHashMap<>();

    public final List<FileEntry> files = new ArrayList<>();

    /** Files of tables that a newer version wrote, with the table's name: they are bundled, but not read. */
    public final Map<String, String> unknownFiles = new TreeMap<>();

    /** Keys a newer version wrote; written back as they were. */
    public final Map<String, Object> extra = new LinkedHashMap<>();

    /**
     * Keys of {@link #host}, {@link #recording} and {@link #source} that were read from a file and that no {@link
     * ManifestKey} declares.
     */
    public final Set<String> foreign = new LinkedHashSet<>();

    /**
     * Size of a page of the machine that was recorded, bytes, a power of two: DAMON's smallest region. 4096 where the trace does not
     * say, or says what is not a size of a page.
     */
    public long pageBytes() {
        double said = ManifestKey.PAGE_SIZE.number(this, USUAL_PAGE_BYTES);
        long bytes = (long) said;
        boolean isPage =
                bytes == said && bytes >= USUAL_PAGE_BYTES && bytes <= MAX_PAGE_BYTES && Long.bitCount(bytes) == 1;
        return isPage ? bytes : USUAL_PAGE_BYTES;
    }

    /** Size of a huge page there: what one entry of a page table's next level maps, 2 MiB with pages of 4 KiB, 32 MiB with 16. */
    public long hugePageBytes() {
        return pageBytes() * (pageBytes() / Long.BYTES);
    }

    /** A manifest of another trace of the same recording: the same facts, no files. */
    public Manifest sameFacts() {
        Manifest m = new Manifest();
        m.toolVersion = toolVersion;
        m.clock = clock;
        m.toBootNs = toBootNs;
        m.toEpochNs = toEpochNs;
        m.source = source;
        m.flushIntervalNs = flushIntervalNs;
        m.attrs = attrs;
        m.host.putAll(host);
        m.recording.putAll(recording);
        m.extra.putAll(extra);
        m.foreign.addAll(foreign);
        return m;
    }
}
