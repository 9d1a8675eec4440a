package org.damson.cli.trace;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.damson.analyzer.scan.TargetKey;
import org.damson.model.Manifest;
import org.damson.model.ManifestKey;
import org.damson.model.Snapshot;
import org.damson.model.TraceQuery;
import org.damson.model.TraceSource;
import org.damson.model.Units;

/**
 * Whether traces may be one: times of different clocks do not order their snapshots, and what different sources see of
 * memory does not compare.
 */
final class MergeCheck {
    /** NTP slews and steps of the time of day stay below; a boot takes longer. */
    private static final long CLOCK_DRIFT_NS = 5_000_000_000L;

    private final List<String> differences = new ArrayList<>();
    private final List<String> overlaps = new ArrayList<>();
    private final TraceSource first;
    private long fromNs;
    private long toNs;
    private long recordedNs;
    private final Map<TargetKey, List<Span>> targets = new TreeMap<>();

    private MergeCheck(TraceSource first) throws IOException {
        this.first = first;
        long[] span = span(first);
        fromNs = span[0];
        toNs = span[1];
        recordedNs = span[1] - span[0];
    }

    static MergeCheck of(List<TraceSource> traces) throws IOException {
        MergeCheck check = new MergeCheck(traces.get(0));
        for (TraceSource trace : traces) {
            if (ManifestKey.REDACTED.get(trace.manifest()) != null) {
                check.differences.add(
                        "the times of " + trace.name() + ", which is redacted, count from its own first snapshot");
            }
        }
        for (TraceSource other : traces.subList(1, traces.size())) {
            check.add(other);
        }
        return check;
    }

    /** What speaks against merging, each a sentence's part that names the traces; empty if nothing does. */
    List<String> against() {
        return Stream.concat(differences.stream(), overlaps.stream()).toList();
    }

    /** What they are not, so that they are refused. */
    String refusal() {
        return differences.isEmpty() ? "not one after the other" : "not of one clock, host and source";
    }

    private void add(TraceSource other) throws IOException {
        Manifest a = first.manifest();
        Manifest b = other.manifest();
        differ(other, "source", a.source, b.source);
        differ(other, "clock", a.clock.name(), b.clock.name());
        boolean identified = false;
        for (ManifestKey fact : List.of(ManifestKey.HOST_NAME, ManifestKey.KERNEL, ManifestKey.MACHINE)) {
            Object one = fact.get(a);
            Object two = fact.get(b);
            if (one != null && two != null) {
                identified |= fact == ManifestKey.HOST_NAME;
                differ(other, fact.key().replace('_', ' '), String.valueOf(one), String.valueOf(two));
            }
        }
        if (a.clock == b.clock && a.toEpochNs != null && b.toEpochNs != null) {
            identified = true;
            long apartNs = Math.abs(a.toEpochNs - b.toEpochNs);
            if (apartNs > CLOCK_DRIFT_NS) {
                differences.add("the clocks of " + first.name() + " and " + other.name() + " began "
                        + Units.duration(apartNs) + " apart: another boot, or the time of day was set");
            }
        }
        long[] span = span(other);
        gap(other, span, identified);
    }

    private void differ(TraceSource other, String what, String one, String two) {
        if (!Objects.equals(one, two)) {
            differences.add(
                    "the " + what + " of " + first.name() + " is " + one + ", that of " + other.name() + " " + two);
        }
    }

    /** Where nothing says that two clocks are one, a gap longer than all that is recorded speaks against it. */
    private void gap(TraceSource other, long[] span, boolean identified) {
        recordedNs += span[1] - span[0];
        long apartNs = Math.max(span[0] - toNs, fromNs - span[1]);
        if (!identified && apartNs > recordedNs) {
            differences.add("nothing shows that the clocks of " + first.name() + " and " + other.name()
                    + " are one, and " + Units.duration(apartNs) + " lie between " + Units.duration(recordedNs)
                    + " of recording");
        }
        fromNs = Math.min(fromNs, span[0]);
        toNs = Math.max(toNs, span[1]);
    }

    /** Two recordings of one target at one time would count that time twice. */
    private void overlap(TraceSource trace, TargetKey key, Span span) {
        for (Span other : targets.getOrDefault(key, List.of())) {
            // Where one file goes on from another, the first snapshot's start is a guess of a snapshot's length.
            if (Math.min(span.toNs, other.toNs) - Math.max(span.fromNs, other.fromNs)
                    > 2 * Math.min(span.meanNs(), other.meanNs())) {
                overlaps.add(key.label() + " is in " + other.trace + " and in " + trace.name()
                        + " at the same time, which counts twice");
                break;
            }
        }
        targets.computeIfAbsent(key, k -> new ArrayList<>()).add(span);
    }

    /** When a trace tells of a target. */
    private static final class Span {
        final String trace;
        long fromNs = Long.MAX_VALUE;
        long toNs = Long.MIN_VALUE;
        long snapshots;

        Span(String trace) {
            this.trace = trace;
        }

        void add(Snapshot s) {
            fromNs = Math.min(fromNs, s.startNs);
            toNs = Math.max(toNs, s.endNs);
            snapshots++;
        }

        long meanNs() {
            return (toNs - fromNs) / snapshots;
        }
    }

    private long[] span(TraceSource trace) throws IOException {
        Map<TargetKey, Span> spans = new TreeMap<>();
        long fromNs = Long.MAX_VALUE;
        long toNs = Long.MIN_VALUE;
        try (TraceSource.SnapshotCursor cursor = trace.snapshots(TraceQuery.ALL.columns(0))) {
            for (Snapshot s = new Snapshot(); cursor.next(s); ) {
                fromNs = Math.min(fromNs, s.startNs);
                toNs = Math.max(toNs, s.endNs);
                spans.computeIfAbsent(TargetKey.of(s), k -> new Span(trace.name()))
                        .add(s);
            }
        }
        spans.forEach((key, span) -> overlap(trace, key, span));
        return fromNs <= toNs ? new long[] {fromNs, toNs} : new long[] {0, 0};
    }
}
