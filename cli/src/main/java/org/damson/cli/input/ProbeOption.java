package org.damson.cli.input;

import java.io.IOException;
import java.nio.file.Path;
import org.apache.commons.cli.CommandLine;
import org.apache.commons.cli.Option;
import org.damson.cli.command.Quantities;
import org.damson.cli.command.Shared;
import org.damson.cli.command.UsageException;
import org.damson.cli.console.Console;
import org.damson.damon.ProbeHits;
import org.damson.model.InvalidInputException;
import org.damson.model.Snapshot;
import org.damson.model.Table;
import org.damson.model.TraceQuery;
import org.damson.model.TraceSource;
import org.damson.model.Units;
import org.damson.model.view.ForwardingTrace;

/** {@code --probe N}: a report of what a data attribute probe of DAMON found, instead of what was accessed. */
public final class ProbeOption {
    public static final Option PROBE = Shared.expert(Shared.value(
            null, "probe", "N", "count the hits of data attribute probe N, 0 to 3, instead of nr_accesses"));

    private ProbeOption() {}

    /** Opens what a report is asked about, as {@link Inputs#open(Path, Console)}, and sees it as the command line says. */
    public static TraceSource open(CommandLine line, Path path, Console console) throws IOException {
        if (!line.hasOption(PROBE)) {
            return Inputs.open(path, console);
        }
        long probe = Quantities.count(PROBE, line.getOptionValue(PROBE));
        if (probe >= ProbeHits.PROBES) {
            throw new UsageException("--probe: 0 to " + (ProbeHits.PROBES - 1));
        }
        TraceSource trace = Inputs.open(path, console);
        try {
            note(trace, (int) probe, console);
            return new View(trace, (int) probe);
        } catch (IOException | RuntimeException e) {
            trace.close();
            throw e;
        }
    }

    /** Refuses it beside something that it cannot be combined with. */
    public static void refuse(CommandLine line, String other) {
        if (line.hasOption(PROBE)) {
            throw new UsageException("--probe cannot be combined with " + other);
        }
    }

    /** Says what is not known of the hits of any probe in a trace; refuses one of which nothing is. */
    public static void requireHits(TraceSource trace, Console console) throws IOException {
        note(trace, -1, console);
    }

    /** Says what of the whole trace a report by that probe cannot tell; refuses a trace of which it can tell nothing. */
    private static void note(TraceSource trace, int probe, Console console) throws IOException {
        long known = 0;
        long unknown = 0;
        long hits = 0;
        try (TraceSource.SnapshotCursor cursor = trace.snapshots(TraceQuery.ALL.columns(Snapshot.HAS_PROBE_HITS))) {
            for (Snapshot s = new Snapshot(); cursor.next(s); ) {
                for (int i = 0; i < s.regions; i++) {
                    if (isKnown(s, i)) {
                        known++;
                        hits += probe < 0 ? 0 : ProbeHits.of(s.probeHits[i], probe);
                    } else {
                        unknown++;
                    }
                }
            }
        }
        if (known == 0) {
            throw new InvalidInputException(trace.name() + ": has no hits of data attribute probes");
        }
        if (unknown > 0) {
            console.noteOnce("note: " + trace.name()
                    + (probe < 0
                            ? ": the hits of probes are not known of "
                            : ": left out where the hits of probes are not known: ")
                    + Units.count(unknown, "region"));
        }
        if (probe >= 0 && hits == 0) {
            console.noteOnce("note: " + trace.name() + ": no hit of probe " + probe
                    + ": it found nothing, or there was none; a trace does not say how many probes there were");
        }
    }

    private static boolean isKnown(Snapshot s, int region) {
        return s.has(Snapshot.HAS_PROBE_HITS) && s.probeHits[region] != Snapshot.NO_HITS;
    }

    /** Whether only the probes of a trace found anything, as when DAMON monitors attributes alone. */
    static boolean isAllThereIs(TraceSource trace) throws IOException {
        boolean anyHit = false;
        try (TraceSource.SnapshotCursor cursor = trace.snapshots(TraceQuery.ALL.columns(Snapshot.HAS_PROBE_HITS))) {
            Snapshot s = new Snapshot();
            while (cursor.next(s)) {
                if (!s.has(Snapshot.HAS_PROBE_HITS)) {
                    return false;
                }
                for (int i = 0; i < s.regions; i++) {
                    if (s.isAccessed(i)) {
                        return false;
                    }
                    anyHit |= s.probeHits[i] > 0;
                }
            }
            return anyHit;
        }
    }

    /** Regions with the hits of one probe as their accesses; those of which the hits are not known are left out. */
    private static final class View extends ForwardingTrace {
        private final int probe;

        View(TraceSource trace, int probe) {
            super(trace);
            this.probe = probe;
        }

        @Override
        public SnapshotCursor snapshots(TraceQuery query) throws IOException {
            SnapshotCursor cursor = super.snapshots(query.columns(query.optionalColumns() | Snapshot.HAS_PROBE_HITS));
            return new SnapshotCursor() {
                @Override
                public boolean next(Snapshot into) throws IOException {
                    do {
                        if (!cursor.next(into)) {
                            return false;
                        }
                    } while (!see(into));
                    return true;
                }

                @Override
                public void close() throws IOException {
                    cursor.close();
                }
            };
        }

        @Override
        public boolean isKept(Table table) {
            return false; // sums are of accesses
        }

        /** @return whether anything is known of the snapshot */
        private boolean see(Snapshot s) {
            int known = 0;
            for (int i = 0; i < s.regions; i++) {
                if (isKnown(s, i)) {
                    s.start[known] = s.start[i];
                    s.end[known] = s.end[i];
                    s.nrAccesses[known] = ProbeHits.of(s.probeHits[i], probe);
                    known++;
                }
            }
            boolean isKnown = known > 0 || s.regions == 0;
            s.regions = known;
            s.columns = 0; // ages and bytes are those of accesses
            return isKnown;
        }
    }
}
