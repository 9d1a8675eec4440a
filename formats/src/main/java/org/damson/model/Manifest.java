package org.damson.model;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** What {@code manifest.json} says about a trace. Keys this version does not know are kept in {@link #extra}. */
public final class Manifest {
    /** The format this code writes. Since 2 the manifest has a digest of itself. */
    public static final int FORMAT_VERSION = 2;

    /** Life of a trace. */
    public enum State {
        RECORDING,
        SEALED,
        RECOVERED
    }

    /** What the trace's times count. */
    public enum ClockKind {
        /** CLOCK_MONOTONIC of the recording host. */
        MONOTONIC,
        /** The clock of perf or tracefs events, seconds since boot by default. */
        PERF,
        /** Nanoseconds since 1970. */
        EPOCH,
        UNKNOWN
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

    /** Where snapshots come from: {@code referenced}, {@code synthetic}, {@code damon}, {@code import:tracefs}, ... */
    public String source = "";

    /** What kill -9 may cost, nanoseconds; 0 for traces that were never live. */
    public long flushIntervalNs;

    public MonitoringAttrs attrs = MonitoringAttrs.DEFAULTS;

    /** Facts of the recording host: kernel, CPU count, page size, host name, ... */
    public final Map<String, Object> host = new LinkedHashMap<>();

    /** Facts of the recording: command, pids, exit status, distortion of the source, side files, ... */
    public final Map<String, Object> recording = new LinkedHashMap<>();

    public final List<FileEntry> files = new ArrayList<>();

    /** Tables of files that a newer version wrote: they are not read, and not copied. */
    public final Set<String> unknownTables = new TreeSet<>();

    /** Keys a newer version wrote; written back as they were. */
    public final Map<String, Object> extra = new LinkedHashMap<>();

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
        return m;
    }
}
