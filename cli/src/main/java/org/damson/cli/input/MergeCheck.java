package org.damson.cli.input;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.damson.analyzer.scan.TargetKey;
import org.damson.model.Manifest;
import org.damson.model.ManifestKey;
import org.damson.model.Table;
import org.damson.model.TraceSource;
import org.damson.model.Units;

/**
 * Whether traces may be one: times of different clocks do not order their snapshots, and what different sources see of
 * memory does not compare.
 */
public final class MergeCheck {
    /** NTP slews and steps of the time of day stay below; a boot takes longer. */
    private static final long CLOCK_DRIFT_NS = 5_000_000_000L;

    private static final int START = Table.SNAPSHOTS.indexOf("start_ns");
    private static final int END = Table.SNAPSHOTS.indexOf("end_ns");
    private static final int KDAMOND = Table.SNAPSHOTS.indexOf("kdamond");
    private static final int CONTEXT = Table.SNAPSHOTS.indexOf("context");
    private static final int SCHEME = Table.SNAPSHOTS.indexOf("scheme");
    private static final int TARGET = Table.SNAPSHOTS.indexOf("target");
    private static final int TIME = Table.SAMPLES.indexOf("time_ns");
    private static final int PID = Table.SAMPLES.indexOf("pid");
    private static final int EVENT = Table.SAMPLES.indexOf("event");

    private final List<String> differences = new ArrayList<>();
    /** Differences that follow from a restart of the machine or of the recorded program. */
    private final List<String> restarts = new ArrayList<>();

    private final List<String> overlaps = new ArrayList<>();
    private final TraceSource first;
    /** Time covered by all traces so far; null if there is none. */
    private Span known;

    private long recordedNs;
    private final Map<String, List<Span>> told = new TreeMap<>();
    private final Map<Long, Object> pids = new TreeMap<>();

    private MergeCheck(TraceSource first) throws IOException {
        this.first = first;
        extend(span(first));
    }

    public static MergeCheck of(List<TraceSource> traces) throws IOException {
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

    /** Reasons against merging, as phrases that name the traces; empty if there are none. */
    public List<String> against() {
        return Stream.of(differences, restarts, overlaps).flatMap(List::stream).toList();
    }

    /** Those of the reasons that a series excludes: it continues when the machine or program is restarted. */
    List<String> againstSeries() {
        return Stream.concat(differences.stream(), overlaps.stream()).toList();
    }

    /** The other reasons: restarts of machine or program. */
    List<String> restarts() {
        return restarts;
    }

    /** The condition that they do not meet, for the message that refuses them. */
    public String refusal() {
        return differences.isEmpty() && restarts.isEmpty()
                ? "not one after the other"
                : "not of one clock, host, source and process";
    }

    private void add(TraceSource other) throws IOException {
        Manifest a = first.manifest();
        Manifest b = other.manifest();
        differ(other, "source", a.source, b.source, differences);
        differ(other, "clock", a.clock.name(), b.clock.name(), differences);
        boolean identified = false;
        for (ManifestKey fact : List.of(ManifestKey.HOST_NAME, ManifestKey.KERNEL, ManifestKey.MACHINE)) {
            Object one = fact.get(a);
            Object two = fact.get(b);
            if (one != null && two != null) {
                identified |= fact == ManifestKey.HOST_NAME;
                differ(
                        other,
                        fact.key().replace('_', ' '),
                        String.valueOf(one),
                        String.valueOf(two),
                        fact == ManifestKey.KERNEL ? restarts : differences);
            }
        }
        if (a.clock == b.clock && a.toEpochNs != null && b.toEpochNs != null) {
            identified = true;
            long apartNs = Math.abs(a.toEpochNs - b.toEpochNs);
            if (apartNs > CLOCK_DRIFT_NS) {
                restarts.add("the clocks of " + first.name() + " and " + other.name() + " began "
                        + Units.duration(apartNs) + " apart: another boot, or the time of day was set");
            }
        }
        Span span = span(other);
        if (!identified && known != null && span != null) {
            gap(other, span);
        }
        extend(span);
    }

    private void differ(TraceSource other, String what, String one, String two, List<String> into) {
        if (!Objects.equals(one, two)) {
            into.add("the " + what + " of " + first.name() + " is " + one + ", that of " + other.name() + " " + two);
        }
    }

    /** Where nothing says that two clocks are one, a gap longer than all that is recorded speaks against it. */
    private void gap(TraceSource other, Span span) {
        long allNs = recordedNs + span.lengthNs();
        long apartNs = Math.max(span.fromNs - known.toNs, known.fromNs - span.toNs);
        if (apartNs > allNs) {
            differences.add("nothing shows that the clocks of " + first.name() + " and " + other.name()
                    + " are one, and " + Units.duration(apartNs) + " lie between " + Units.duration(allNs)
                    + " of recording");
        }
    }

    private void extend(Span span) {
        if (span != null) {
            recordedNs += span.lengthNs();
            known = known == null ? new Span("") : known;
            known.add(span.fromNs, span.toNs);
        }
    }

    /** Two recordings of one thing at one time would count that time twice. */
    private void overlap(String what, Span span) {
        for (Span other : told.getOrDefault(what, List.of())) {
            // Where one file goes on from another, the first snapshot's start is a guess of a snapshot's length.
            if (Math.min(span.toNs, other.toNs) - Math.max(span.fromNs, other.fromNs)
                    > 2 * Math.min(span.meanNs(), other.meanNs())) {
                overlaps.add(what + " is in " + other.trace + " and in " + span.trace
                        + " at the same time, which counts twice");
                break;
            }
        }
        told.computeIfAbsent(what, k -> new ArrayList<>()).add(span);
    }

    /** When a trace tells of something. */
    private static final class Span {
        final String trace;
        long fromNs = Long.MAX_VALUE;
        long toNs = Long.MIN_VALUE;
        long times;

        Span(String trace) {
            this.trace = trace;
        }

        void add(long from, long to) {
            fromNs = Math.min(fromNs, from);
            toNs = Math.max(toNs, to);
            times++;
        }

        long lengthNs() {
            return toNs - fromNs;
        }

        long meanNs() {
            return lengthNs() / times;
        }
    }

    /** When a trace tells of anything, null if never: by its snapshots, else by its samples with call stacks. */
    private Span span(TraceSource trace) throws IOException {
        Map<String, Span> spans = new TreeMap<>();
        Span ofSnapshots = new Span(trace.name());
        Set<Long> targets = new TreeSet<>();
        trace.forEachRow(Table.SNAPSHOTS, (b, i) -> {
            long fromNs = b.get(START, i);
            long toNs = b.get(END, i);
            ofSnapshots.add(fromNs, toNs);
            targets.add(b.get(TARGET, i));
            TargetKey key = new TargetKey(
                    (int) b.get(KDAMOND, i), (int) b.get(CONTEXT, i), (int) b.get(SCHEME, i), b.get(TARGET, i));
            spans.computeIfAbsent(key.label(), k -> new Span(trace.name())).add(fromNs, toNs);
        });
        Span ofSamples = new Span(trace.name());
        trace.forEachRow(Table.SAMPLES, (b, i) -> {
            long timeNs = b.get(TIME, i);
            ofSamples.add(timeNs, timeNs);
            spans.computeIfAbsent(b.text(EVENT, i) + " of process " + b.get(PID, i), k -> new Span(trace.name()))
                    .add(timeNs, timeNs);
        });
        spans.forEach(this::overlap);
        targets.forEach(target -> samePid(target, trace));
        return ofSnapshots.times > 0 ? ofSnapshots : ofSamples.times > 0 ? ofSamples : null;
    }

    /** DAMON numbers targets: in each recording one of another process may have the number. */
    private void samePid(long target, TraceSource trace) {
        List<?> recorded = ManifestKey.PIDS_RECORDED.list(trace.manifest());
        if (target < 0 || target >= recorded.size()) {
            return;
        }
        Object pid = recorded.get((int) target);
        Object before = pids.putIfAbsent(target, pid);
        if (before != null && !before.toString().equals(pid.toString())) {
            restarts.add("target " + target + " is process " + before + ", in " + trace.name() + " process " + pid);
        }
    }
}
