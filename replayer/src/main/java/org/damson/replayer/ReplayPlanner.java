package org.damson.replayer;

import java.io.BufferedWriter;
import java.io.IOException;
import java.io.Writer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import org.damson.model.Snapshot;
import org.damson.model.TraceFormatException;
import org.damson.model.TraceQuery;
import org.damson.model.TraceSource;
import org.damson.model.Units;

/**
 * Writes the plan of a replay in {@code accessgen plan}'s format, streaming.
 *
 * <p>A snapshot lasts as long as it was recorded and has as many slices as its aggregation interval has samples. A region
 * seen in k of n samples is touched whole in k of n slices, evenly spread; where the recording says how many bytes were
 * referenced, only that many. Every contiguous area that was ever accessed is one mapping; gaps are not mapped. The
 * slices of several targets are merged by time, and all targets' areas live in the one process that replays.
 *
 * <p>A slice that is long next to DAMON's is cut into steps: memory that was busy from one sample to the next is touched
 * in every step, so that whoever watches with a window of his own sees it busy in every window; memory that was seen
 * once is touched once.
 */
public final class ReplayPlanner {
    /** How often a region was touched, as the plan's touch classes: names for reports, hottest first. */
    public static final List<String> CLASSES =
            List.of("every sample", "half of the samples or more", "a tenth or more", "fewer");

    private static final long PAGE = 4096;

    /** Slices up to this length are not cut, nanoseconds. */
    private static final long WHOLE_NS = 8_000_000;

    /** What a snapshot may claim to have in samples. */
    private static final int MAX_SLICES = 100_000;

    private static final int MIN_STEPS = 4;

    /** Longest step of a slice that is cut, nanoseconds. */
    private static final long STEP_NS = 25_000_000;

    /** Regions of snapshots that overlap in time and must be held at once. */
    private static final long MAX_PENDING = 8_000_000;

    private record Key(int kdamond, int context, int scheme, long target) {
        static Key of(Snapshot s) {
            return new Key(s.kdamond, s.context, s.scheme, s.target);
        }
    }

    /** Areas of one target; {@code firstIndex} is the plan's index of the first of them. */
    private record Areas(int firstIndex, List<long[]> ranges) {}

    /** What the first pass finds. */
    private static final class Survey {
        final Map<Key, AddressSet> accessed = new LinkedHashMap<>();
        long startNs = Long.MAX_VALUE;
        long endNs = Long.MIN_VALUE;
        long longestNs;
        long sampleUs;
        long snapshots;
    }

    /** A snapshot whose slices are being written. */
    private static final class Pending {
        final Snapshot s = new Snapshot();
        Areas areas;
        int slices;
        /** Steps per slice. */
        int steps;
        /** The next step, counted over all slices. */
        int step;

        double beginNs;
        double stepNs;
        long order;

        double dueNs() {
            return beginNs + step * stepNs;
        }
    }

    private final ReplayOptions options;
    private final Survey survey;
    private final Map<Key, Areas> areas = new LinkedHashMap<>();
    private final BufferedWriter out;
    private final PriorityQueue<Pending> pending =
            new PriorityQueue<>(Comparator.comparingDouble(Pending::dueNs).thenComparingLong(p -> p.order));
    private final ArrayDeque<Pending> spare = new ArrayDeque<>();
    private long pendingRegions;
    private long order;

    private ReplayPlanner(ReplayOptions options, Survey survey, Writer out) {
        this.options = options;
        this.survey = survey;
        this.out = new BufferedWriter(out, 1 << 16);
    }

    /**
     * Plans the replay of the snapshots of {@code query}.
     *
     * @throws IOException if nothing was accessed or more than the limit is needed
     */
    public static ReplayPlan plan(TraceSource trace, TraceQuery query, ReplayOptions options, Writer out)
            throws IOException {
        Survey survey = survey(trace, query);
        List<ReplayPlan.Place> places = new ArrayList<>();
        ReplayPlanner planner = new ReplayPlanner(options, survey, out);
        survey.accessed.forEach((k, set) -> {
            List<long[]> ranges = set.ranges();
            planner.areas.put(k, new Areas(places.size(), ranges));
            ranges.forEach(r -> places.add(new ReplayPlan.Place(k.kdamond, k.context, k.scheme, k.target, r[0], r[1])));
        });
        long bytes = 0;
        for (ReplayPlan.Place place : places) {
            bytes = Math.addExact(bytes, Math.max(0, place.sizeBytes()));
        }
        if (places.isEmpty()) {
            throw new TraceFormatException(trace.name(), "", "no access in it: nothing to replay");
        }
        if (bytes > options.maxBytes()) {
            throw new IOException(trace.name() + ": a replay needs " + Units.bytes(bytes) + " of memory, the limit is "
                    + Units.bytes(options.maxBytes()) + "; choose a part with slice");
        }
        planner.write(trace, query, places);
        return new ReplayPlan(
                places, bytes, survey.startNs, survey.endNs, survey.sampleUs / survey.snapshots, options.speed());
    }

    private static Survey survey(TraceSource trace, TraceQuery query) throws IOException {
        Survey survey = new Survey();
        Snapshot s = new Snapshot();
        try (TraceSource.SnapshotCursor cursor = trace.snapshots(query)) {
            while (cursor.next(s)) {
                survey.startNs = Math.min(survey.startNs, fromNs(s));
                survey.endNs = Math.max(survey.endNs, s.endNs);
                survey.sampleUs += s.sampleUs;
                survey.snapshots++;
                survey.longestNs = Math.max(survey.longestNs, s.endNs - fromNs(s));
                AddressSet set = null;
                for (int i = 0; i < s.regions; i++) {
                    if (s.nrAccesses[i] > 0) {
                        set = set != null ? set : survey.accessed.computeIfAbsent(Key.of(s), k -> new AddressSet());
                        // A region of referenced bits is a mapping: neighbours are told apart by who records the
                        // replay.
                        set.add(down(s.start[i]), up(s.end[i]), !s.has(Snapshot.HAS_REFERENCED));
                    }
                }
            }
        }
        return survey;
    }

    private void write(TraceSource trace, TraceQuery query, List<ReplayPlan.Place> places) throws IOException {
        for (int i = 0; i < places.size(); i++) {
            // Where they were, if that can be had: whoever looks at the replay finds the addresses that he knows.
            ReplayPlan.Place place = places.get(i);
            out.write("region " + i + " " + place.sizeBytes() + " " + Long.toUnsignedString(place.start()) + "\n");
        }
        try (TraceSource.SnapshotCursor cursor = trace.snapshots(query)) {
            Pending p = new Pending();
            while (cursor.next(p.s)) {
                begin(p);
                if (pendingRegions > MAX_PENDING) {
                    throw new TraceFormatException(
                            trace.name(), "snapshot " + p.s.id, "too many snapshots overlap in time to be replayed");
                }
                // Snapshots come in order of their ends: none that follows begins before this.
                writeUntil((p.s.endNs - survey.longestNs - survey.startNs) / options.speed());
                p = spare.isEmpty() ? new Pending() : spare.pop();
            }
        }
        writeUntil(Double.POSITIVE_INFINITY);
        out.flush();
    }

    private void begin(Pending p) {
        p.areas = areas.get(Key.of(p.s));
        p.slices = Math.min(p.s.maxNrAccesses(), MAX_SLICES);
        p.beginNs = (fromNs(p.s) - survey.startNs) / options.speed();
        double sliceNs = (p.s.endNs - fromNs(p.s)) / options.speed() / p.slices;
        p.steps = sliceNs <= WHOLE_NS ? 1 : (int) Math.max(MIN_STEPS, Math.ceil(sliceNs / STEP_NS));
        p.step = 0;
        p.stepNs = sliceNs / p.steps;
        p.order = order++;
        pendingRegions += p.s.regions;
        pending.add(p);
    }

    private void writeUntil(double timeNs) throws IOException {
        while (!pending.isEmpty() && pending.peek().dueNs() < timeNs) {
            Pending p = pending.poll();
            writeStep(p);
            if (++p.step < p.slices * p.steps) {
                pending.add(p);
            } else {
                pendingRegions -= p.s.regions;
                spare.push(p);
            }
        }
    }

    private void writeStep(Pending p) throws IOException {
        Snapshot s = p.s;
        int slice = p.step / p.steps;
        boolean first = p.step % p.steps == 0;
        out.write("slice " + (long) p.dueNs() + " " + (long) p.stepNs + "\n");
        int area = 0;
        for (int i = 0; i < s.regions; i++) {
            int accesses = Math.min(s.nrAccesses[i], p.slices);
            boolean busy = accesses == p.slices || slice + 1 < p.slices && isTouched(slice + 1, accesses, p.slices);
            if (!isTouched(slice, accesses, p.slices) || !(first || busy)) {
                continue;
            }
            long start = down(s.start[i]);
            while (Long.compareUnsigned(p.areas.ranges().get(area)[1], start) <= 0) {
                area++;
            }
            long size = up(s.end[i]) - start;
            if (s.has(Snapshot.HAS_REFERENCED)) {
                // the mean is over all samples, and only k of n of them count here
                size = Math.min(size, Math.max(PAGE, up(s.referencedMean[i] / s.nrAccesses[i] * p.slices)));
            }
            out.write("touch " + (p.areas.firstIndex() + area) + " "
                    + (start - p.areas.ranges().get(area)[0]) + " " + size + " " + classOf(accesses, p.slices) + "\n");
        }
    }

    /** Whether a region seen in k of n samples is touched in slice i: exactly k slices are, as evenly as can be. */
    static boolean isTouched(int i, int k, int n) {
        return (long) (i + 1) * k / n > (long) i * k / n;
    }

    private static int classOf(int k, int n) {
        if (k == n) {
            return 0;
        }
        return 2L * k >= n ? 1 : 10L * k >= n ? 2 : 3;
    }

    /** A snapshot without duration speaks for one aggregation. */
    private static long fromNs(Snapshot s) {
        return s.startNs < s.endNs ? s.startNs : s.endNs - Math.max(1, s.aggrUs * 1000);
    }

    private static long down(long address) {
        return address & -PAGE;
    }

    private static long up(long address) {
        return (address + PAGE - 1) & -PAGE;
    }
}
