package org.damson.exchange.build;

import java.io.Closeable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import org.damson.damon.Kinds;
import org.damson.model.Batch;
import org.damson.model.Manifest;
import org.damson.model.Manifest.Source;
import org.damson.model.Mapping;
import org.damson.model.MonitoringAttrs;
import org.damson.model.Snapshot;
import org.damson.model.Table;
import org.damson.model.TraceFormatException;
import org.damson.model.TraceSink;
import org.damson.model.Units;

/**
 * The part that all importers share: the trace is created when something is found, snapshots are sorted by time, side files
 * are added, and an import that fails leaves nothing.
 */
public final class TraceBuilder implements StackSink, Closeable {
    /** Of what a recording that lies can have a million times. */
    private static final int MAX_NOTES = 100;

    /** Nanoseconds since boot never get this far, those since 1970 have passed it in 2001. */
    private static final long MIN_EPOCH_NS = 1_000_000_000_000_000_000L;

    private static final int SAMPLE_TIME = Table.SAMPLES.indexOf("time_ns");
    private static final int MAPPING_ROWS = 1 << 12;

    private final String name;
    private final Manifest manifest;
    private final SideFiles sideFiles;
    private final SinkFactory sinks;
    private final List<ImportOptions.Maps> maps;
    private final List<Mapping> mappings = new ArrayList<>();
    /** Two at most: whether there is one only is what counts. */
    private final Set<Long> targets = new LinkedHashSet<>();

    private final SnapshotSorter sorter = new SnapshotSorter();
    private final List<String> notes = new ArrayList<>();
    private long moreNotes;
    private final List<String> damo = new ArrayList<>();
    private TraceSink sink;
    private boolean sealed;
    private Supplier<String> cutOff = () -> null;
    private long regions;
    private long clamped;
    private long leftOut;
    private long lastSampleNs = Long.MIN_VALUE;
    private long fromNs = Long.MAX_VALUE;
    private long toNs = Long.MIN_VALUE;

    public TraceBuilder(String name, Source source, ImportOptions options, SideFiles sideFiles, SinkFactory sinks)
            throws IOException {
        this.name = name;
        this.sideFiles = sideFiles.withAreas(options.vmas());
        maps = options.maps();
        this.sinks = sinks;
        manifest = new Manifest();
        manifest.source = source.text();
        for (ImportOptions.Maps given : maps) {
            mappings.addAll(MapsFile.read(given.file(), given.pid()));
        }
        manifest.attrs = MonitoringAttrs.DEFAULTS;
        if (options.intervals() != null) {
            manifest.attrs = options.intervals();
        } else if (sideFiles.intervals(-1) != null) {
            manifest.attrs = sideFiles.intervals(-1);
        }
    }

    public Manifest manifest() {
        return manifest;
    }

    /** The intervals of a kdamond: as given, as its side file says, or the trace's. */
    MonitoringAttrs attrs(int tid) {
        MonitoringAttrs own = sideFiles.intervals(tid);
        return manifest.attrs.origin() == MonitoringAttrs.IntervalsOrigin.GIVEN || own == null ? manifest.attrs : own;
    }

    public boolean isEmpty() {
        return sink == null;
    }

    /** Opens the trace: called for the first thing worth keeping. */
    void open() throws IOException {
        if (sink == null) {
            sink = sinks.open(manifest);
        }
    }

    /** Adds a snapshot and returns its number in the order of adding. */
    public int add(Snapshot s) throws IOException {
        open();
        regions += s.regions;
        if (targets.size() < 2) {
            targets.add(s.target);
        }
        fromNs = Math.min(fromNs, s.startNs);
        toNs = Math.max(toNs, s.endNs);
        return sorter.add(s);
    }

    @Override
    public void drain(Batch rows, int atLeast) throws IOException {
        if (rows.rows() >= atLeast) {
            open();
            for (int i = 0; rows.table() == Table.SAMPLES && i < rows.rows(); i++) {
                lastSampleNs = Math.max(lastSampleNs, rows.get(SAMPLE_TIME, i));
            }
            sink.append(rows);
            rows.clear();
        }
    }

    /** Counts of the kernel's that are kept as the greatest a trace can have. */
    void clamped(long count) {
        clamped += count;
    }

    /** A count of the kernel's, of 32 bits without a sign, as a trace keeps it; what is greater is counted. */
    public int count(long unsigned32) {
        clamped += unsigned32 > Integer.MAX_VALUE ? 1 : 0;
        return (int) Math.min(unsigned32, Integer.MAX_VALUE);
    }

    /** Sets what tells whether the compressed input ended too early: {@code why} gives the place, or null. */
    public void mayBeCutOff(Supplier<String> why) {
        cutOff = why;
    }

    /** Why the recording is truncated, null if it is not; known once all of it has been read. */
    public String cutOff() {
        return cutOff.get();
    }

    /** Sets the clock of the times, where the recording names it; by default it is that of perf or the tracer. */
    public void clock(Manifest.ClockKind kind, Long toEpochNs) {
        manifest.clock = kind;
        manifest.toEpochNs = toEpochNs;
    }

    @Override
    public void note(String line) {
        if (notes.size() < MAX_NOTES) {
            notes.add(line);
        } else {
            moreNotes++;
        }
    }

    @Override
    public void leftOut(long samples) {
        leftOut += samples;
    }

    /** Samples with call stacks for which there was no room. */
    long leftOut() {
        return leftOut;
    }

    /** Time of the last sample with a call stack that was handed over. */
    long lastSampleNs() {
        return lastSampleNs;
    }

    /** Names DAMON's events of which only the name is known. */
    public void noteUnkept(Kinds events) {
        if (!events.isEmpty()) {
            note(Units.count(events.total(), "unknown event") + " of DAMON left out: " + events);
        }
    }

    /** Adds a note on what damo 3.3.0 reads differently in the recording. */
    public void damo(String line) {
        damo.add(line);
    }

    /** Writes the snapshots; from now on {@link #id} is known. */
    public void writeSnapshots() throws IOException {
        if (manifest.clock == Manifest.ClockKind.UNKNOWN) {
            boolean epoch = fromNs != Long.MAX_VALUE && toNs >= MIN_EPOCH_NS;
            clock(epoch ? Manifest.ClockKind.EPOCH : Manifest.ClockKind.PERF, epoch ? Long.valueOf(0) : null);
        }
        long overlapping = sorter.writeTo(sink);
        if (overlapping > 0) {
            note(Units.count(overlapping, "snapshot")
                    + " begin before the middle of the one before of the same target: the clock"
                    + " was set back, or recordings are mixed; figures over time count that time more than once");
        }
    }

    public long id(int number) {
        return sorter.id(number);
    }

    /** Completes the trace. */
    public ImportReport seal(String format, long lost) throws IOException {
        if (sorter.count() > 0) {
            notes.addAll(sideFiles.writeTo(sink, fromNs, toNs));
            writeMappings();
        }
        if (manifest.attrs.origin() == MonitoringAttrs.IntervalsOrigin.ASSUMED && sorter.count() > 0) {
            notes.add("the recording does not say its monitoring intervals; DAMON's defaults are assumed"
                    + " (5 ms, 100 ms, 1 s); import --intervals SAMPLE,AGGR,UPDATE takes others");
        }
        if (clamped > 0) {
            notes.add(clamped + " counts above " + Integer.MAX_VALUE + " are kept as " + Integer.MAX_VALUE);
        }
        if (lost > 0) {
            notes.add("events or regions missing: " + lost
                    + "; the table losses and the snapshots' column lost say where");
        }
        sink.close();
        sealed = true;
        if (moreNotes > 0) {
            notes.add(Units.count(moreNotes, "more note") + " left out");
        }
        return new ImportReport(format, sorter.count(), regions, lost, notes, damo);
    }

    private void writeMappings() throws IOException {
        Batch rows = new Batch(Table.MAPPINGS);
        for (Mapping m : mappings) {
            if (m.pid() == 0 && targets.size() > 1) {
                throw bad("", "several targets: specify the process of the mappings, as in --maps PID=FILE");
            }
            long pid = m.pid() == 0 ? targets.iterator().next() : m.pid();
            new Mapping(pid, m.start(), m.end(), m.permissions(), m.name()).addTo(rows, fromNs, false);
            drain(rows, MAPPING_ROWS);
        }
        drain(rows, 1);
        if (!maps.isEmpty()) {
            notes.add("what --maps has (" + Units.count(mappings.size(), "mapping")
                    + ") holds from the first snapshot to the last; what changed in" + " between is not known");
        }
    }

    public TraceFormatException bad(String place, String rule) {
        return new TraceFormatException(name, place, rule);
    }

    @Override
    public void close() throws IOException {
        sorter.close();
        if (sink != null && !sealed) {
            sink.abort();
        }
    }
}
