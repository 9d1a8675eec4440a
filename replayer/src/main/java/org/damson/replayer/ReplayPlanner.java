package org.damson.replayer;

import java.io.IOException;
import java.io.Writer;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.damson.model.ReferencedSampling;
import org.damson.model.Snapshot;
import org.damson.model.TraceFormatException;
import org.damson.model.TraceQuery;
import org.damson.model.TraceSource;
import org.damson.model.Units;
import org.damson.model.range.AddressSet;
import org.damson.replayer.memory.AddressMap;
import org.damson.replayer.memory.Footprint;
import org.damson.replayer.memory.MappedProcesses;
import org.damson.replayer.memory.MappingTimeline;
import org.damson.replayer.memory.ResidentReadings;
import org.damson.replayer.memory.Shares;

/**
 * Writes the plan of a replay, streaming: every target becomes a process whose memory lies where the target's lay.
 *
 * <p>Mappings come and go as they were recorded; where they were not, what was monitored is what was mapped. A region seen in k
 * of n samples is touched whole in k of n slices, in more where the recording does not show all accesses; where it says how many
 * bytes were referenced, only that many, spread evenly over it, since it does not say which. What was written is written, as far as
 * the recording says, and the rest is read.
 */
public final class ReplayPlanner {
    /** Names of the generator's classes of touches, hottest first, for reports. */
    public static final List<String> CLASSES =
            List.of("every sample", "half of the samples or more", "a tenth or more", "fewer");

    /** Limits of a plan. */
    static final int MAX_PROCESSES = 64;

    /** Results of the first pass. */
    private static final class Survey {
        final Set<TargetId> accessed;
        long startNs = Long.MAX_VALUE;
        long endNs = Long.MIN_VALUE;
        long sampleUs;
        long snapshots;
        long played;
        long leftOut;
        long vanished;

        Survey(TraceSource trace) {
            accessed = new TreeSet<>(TargetId.order(trace.manifest()));
        }
    }

    /** Takes a snapshot of a target, what it had mapped then, and the adjacent snapshots, null if there are none. */
    private interface Visitor {
        void visit(Snapshot before, Snapshot s, Snapshot after, MappedParts mapped) throws IOException;
    }

    private final TraceSource trace;
    private final TraceQuery query;
    private final ReplayOptions options;
    private final PlanWriter out;
    private final Survey survey;

    private ReplayPlanner(TraceSource trace, TraceQuery query, ReplayOptions options, PlanWriter out)
            throws IOException {
        this.trace = trace;
        this.query = query;
        this.options = options;
        survey = survey(trace, query);
        this.out = out;
    }

    /**
     * Plans the replay of the snapshots of {@code query}.
     *
     * @throws IOException if nothing was accessed or more than the limit is needed
     */
    public static ReplayPlan plan(TraceSource trace, TraceQuery query, ReplayOptions options, Writer out)
            throws IOException {
        return append(trace, query, options, PlanWriter.begin(out), 0);
    }

    /** Plans several traces, one after the other. */
    static ReplayPlan append(
            TraceSource trace, TraceQuery query, ReplayOptions options, PlanWriter out, long bytesBefore)
            throws IOException {
        ReplayPlanner planner = new ReplayPlanner(trace, query, options, out);
        Survey survey = planner.survey;
        if (survey.accessed.isEmpty()) {
            throw new TraceFormatException(trace.name(), "", "no access in it: nothing to replay");
        }
        if (survey.accessed.size() > MAX_PROCESSES) {
            throw new TraceFormatException(
                    trace.name(), "", "more than " + MAX_PROCESSES + " targets: choose a part with slice");
        }
        out.reads(options.readShare());
        out.comment(Units.count(survey.snapshots, "snapshot") + " over " + Units.duration(survey.endNs - survey.startNs)
                + options.text());
        Set<Long> mapped = MappedProcesses.all(trace);
        List<Target> all = new ArrayList<>();
        long bytes = bytesBefore;
        for (TargetId key : survey.accessed) {
            Long pid = MappedProcesses.of(trace, key.target(), mapped);
            Target target = planner.new Target(key, pid);
            bytes = target.survey(bytes);
            all.add(target);
        }
        if (all.stream().allMatch(t -> t.places.isEmpty())) {
            throw new TraceFormatException(
                    trace.name(),
                    "",
                    "memory scaled by " + options.memoryScale()
                            + ": of no accessed range is a page of 4 KiB left, nothing to replay");
        }
        List<ReplayPlan.Target> targets = new ArrayList<>();
        for (Target target : all) {
            targets.add(target.write());
        }
        out.flush();
        if (survey.played == 0) {
            throw new TraceFormatException(trace.name(), "", "its snapshots have no duration: nothing to replay");
        }
        return new ReplayPlan(
                targets,
                bytes - bytesBefore,
                survey.startNs,
                survey.endNs,
                survey.sampleUs / survey.snapshots,
                survey.leftOut,
                survey.vanished,
                options);
    }

    private static Survey survey(TraceSource trace, TraceQuery query) throws IOException {
        Survey survey = new Survey(trace);
        Snapshot s = new Snapshot();
        try (TraceSource.SnapshotCursor cursor = trace.snapshots(query)) {
            while (cursor.next(s)) {
                survey.startNs = Math.min(survey.startNs, s.fromNs());
                survey.endNs = Math.max(survey.endNs, s.endNs);
                survey.sampleUs += s.sampleUs;
                survey.snapshots++;
                for (int i = 0; i < s.regions; i++) {
                    if (s.isAccessed(i)) {
                        survey.accessed.add(TargetId.of(s));
                        break;
                    }
                }
            }
        }
        return survey;
    }

    /** A target while it is planned. */
    private final class Target {
        private final TargetId key;
        private final Long pid;
        private final MappingTimeline timeline;

        /** Everything that it had mapped at some time. */
        private final AddressSet ever = new AddressSet();

        /** The memory that was accessed at some time, and how much of it the replay touches. */
        private final AddressSet accessed = new AddressSet();

        private final Footprint touched = new Footprint();
        private final List<ReplayPlan.Place> places = new ArrayList<>();
        private AddressMap addresses;
        private AddressSet wanted;
        private long freeNs;
        private WrittenPlaces writes;
        private final UnseenAccesses unseen = new UnseenAccesses(options.seenShare());

        /** The resident sizes that the replay follows; empty where unknown or not wanted. */
        private final ResidentReadings resident;

        Target(TargetId key, Long pid) throws IOException {
            this.key = key;
            this.pid = pid;
            ResidentReadings readings = ResidentReadings.read(trace, pid);
            timeline = MappingTimeline.read(trace, pid, readings);
            resident = readings.within(
                    options.fillsResident() && !timeline.isEmpty() ? survey.startNs : Long.MAX_VALUE, survey.endNs);
        }

        /** Sets the times of mappings by accesses, where changes fell between two looks. */
        private void decideMappings() throws IOException {
            if (timeline.isDecided()) {
                return;
            }
            Snapshot s = new Snapshot();
            try (TraceSource.SnapshotCursor cursor = trace.snapshots(query.target(key.target()))) {
                while (cursor.next(s)) {
                    if (TargetId.of(s).equals(key)) {
                        timeline.see(s, s.fromNs());
                    }
                }
            }
            timeline.settle();
        }

        /** Collects the memory that is touched; returns its bytes, added to those of the targets before. */
        long survey(long bytesBefore) throws IOException {
            decideMappings();
            forEach((before, s, after, mapped) -> {
                mapped.all().forEach(p -> p.mapped().ranges().forEach(r -> ever.add(r[0], r[1], true)));
                boolean joins = !s.has(Snapshot.HAS_REFERENCED);
                long sinceNs = resident.isEmpty() ? 0 : s.fromNs();
                touched.nextSnapshot();
                for (int i = 0; i < s.regions; i++) {
                    if (s.isAccessed(i)) {
                        long start = RegionPages.down(s.start[i]);
                        long end = RegionPages.up(s.end[i]);
                        accessed.add(start, end, joins);
                        if (joins) {
                            touched.add(start, end, ratio(before, s, i, after), sinceNs);
                        } else {
                            WrittenPlaces.addTo(touched, writes.parts(s, i));
                        }
                    }
                }
            });
            double accessed = bytesBefore + touched.bytes(ever) * options.memoryScale();
            double bytes = Math.max(accessed, bytesBefore + resident.most() * options.memoryScale());
            if (bytes > options.maxBytes()) {
                throw new IOException(trace.name() + ": a replay needs " + Units.bytes((long) bytes)
                        + " of memory, the limit is " + Units.bytes(options.maxBytes()) + "; choose a part with slice"
                        + (accessed > options.maxBytes()
                                ? ""
                                : ", or leave out what was never accessed: --resident accessed"));
            }
            addresses = AddressMap.of(ever, options.memoryScale());
            if (addresses == null) {
                throw new TraceFormatException(
                        trace.name(), "", "its mappings are larger than the addresses that a process has");
            }
            findPlaces();
            return (long) bytes;
        }

        private void findPlaces() {
            for (long[] a : accessed.ranges()) {
                for (long[] r : ever.within(a[0], a[1])) {
                    long[] at = addresses.range(r[0], r[1]);
                    if (at[0] != at[1]) {
                        places.add(new ReplayPlan.Place(r[0], r[1], at[0], at[1]));
                    } else {
                        survey.vanished++;
                    }
                }
            }
        }

        ReplayPlan.Target write() throws IOException {
            out.process(
                    Long.toUnsignedString(key.target()),
                    addresses,
                    Shares.of(touched, timeline, resident),
                    options.hugetlb());
            for (int loop = 0; loop < options.loops(); loop++) {
                double loopNs = (survey.endNs - survey.startNs) / options.speed() * loop;
                timeline.rewind();
                forEach((before, s, after, mapped) -> write(before, s, after, mapped, loopNs));
            }
            return new ReplayPlan.Target(
                    key.kdamond(),
                    key.context(),
                    key.scheme(),
                    key.target(),
                    pid,
                    !timeline.isEmpty(),
                    addresses.isIdentity(),
                    places);
        }

        private void write(Snapshot before, Snapshot s, Snapshot after, MappedParts mapped, double loopNs)
                throws IOException {
            // Snapshots of one target follow one another; what a file says of two at once is played in turn.
            long beginNs = Math.max(freeNs, (long) (loopNs + (s.fromNs() - survey.startNs) / options.speed()));
            long endNs = (long) (loopNs + (s.endNs - survey.startNs) / options.speed());
            int samples = Math.min(s.maxNrAccesses(), RegionPages.MAX_SLICES);
            int slices = slices(s, samples);
            if (endNs - beginNs < slices) {
                survey.leftOut++;
                return;
            }
            survey.played++;
            freeNs = endNs;
            int[] in = new int[s.regions];
            unseen.nextSnapshot();
            for (int i = 0; i < s.regions; i++) {
                if (s.isAccessed(i)) {
                    long twice = 2L * unseen.samples(s, i, samples) * slices;
                    in[i] = (int) Math.max(1, (twice + samples) / (2L * samples));
                }
            }
            for (MappedParts.Part part : mapped.all()) {
                long fromNs = beginNs + MappedParts.beginNs(endNs - beginNs, part.from(), slices);
                long toNs = beginNs + MappedParts.beginNs(endNs - beginNs, part.to(), slices);
                map(part, s, fromNs, beginNs <= endNs - beginNs);
                out.beginSnapshot(shiftNs(fromNs), toNs - fromNs, part.slices());
                for (int i = 0; i < s.regions; i++) {
                    if (in[i] > 0) {
                        Order order = Order.of(before, s, i, after);
                        for (WrittenPlaces.Part p : writes.parts(s, i)) {
                            mapped.touch(out, part, p, in[i], order);
                        }
                    }
                }
                out.endSnapshot();
            }
        }

        /** Maps what comes with a part of a snapshot, and fills what of it is accessed or was resident. */
        private void map(MappedParts.Part part, Snapshot s, long partNs, boolean isAtBegin) throws IOException {
            boolean isNew = part.mapped() != wanted;
            // What is there with the first snapshot is there before the replay begins.
            long timeNs = shiftNs(wanted == null && isAtBegin ? 0 : partNs);
            wanted = part.mapped();
            if (isNew) {
                boolean isWhole = !timeline.isEmpty() || s.has(Snapshot.HAS_REFERENCED);
                out.mappings(timeNs, wanted, touched, part.kinds(), isWhole, !resident.isEmpty());
            }
            out.fill(timeNs, s.endNs, resident.at(s.endNs - 1));
        }

        /**
         * As many slices as there are samples. Where their windows are shorter than the time from one to the next, what lies
         * between them is not known; then as many as windows fit in, so that windows of a recorder of the replay, which begin
         * elsewhere, see as many touches on average as those of the recording.
         */
        private int slices(Snapshot s, int samples) {
            long windowNs = s.has(Snapshot.HAS_REFERENCED) ? ReferencedSampling.windowNs(trace.manifest()) : 0;
            return windowNs <= 0
                    ? samples
                    : (int) Math.max(samples, Math.min(RegionPages.MAX_SLICES, (s.endNs - s.fromNs()) / windowNs));
        }

        private long shiftNs(long ns) {
            return ns + options.shiftNs();
        }

        private void forEach(Visitor visitor) throws IOException {
            Snapshot before = null;
            Snapshot now = null;
            Snapshot next = new Snapshot();
            MappedParts mapped = null;
            try (TraceSource.SnapshotCursor cursor = trace.snapshots(query.target(key.target()));
                    WrittenPlaces places = WrittenPlaces.of(trace, TraceQuery.ALL.target(key.target()))) {
                writes = places;
                while (cursor.next(next)) {
                    if (!TargetId.of(next).equals(key)) {
                        continue;
                    }
                    Snapshot spare = before;
                    if (now != null) {
                        boolean adjoins = Order.adjoin(now, next);
                        writes.seek(now);
                        visitor.visit(before, now, adjoins ? next : null, mapped);
                        before = adjoins ? now : null;
                        spare = adjoins ? spare : now;
                    }
                    int slices = slices(next, Math.min(next.maxNrAccesses(), RegionPages.MAX_SLICES));
                    mapped = MappedParts.of(timeline, next, slices, mapped == null ? null : mapped.last());
                    now = next;
                    next = spare == null ? new Snapshot() : spare;
                }
                if (now != null) {
                    writes.seek(now);
                    visitor.visit(before, now, null, mapped);
                }
            }
        }
    }

    /** Share of the slices in which a region is touched as a whole, if they are spread evenly. */
    private double ratio(Snapshot before, Snapshot s, int i, Snapshot after) {
        return Order.of(before, s, i, after) != Order.EVENLY
                ? 1
                : Math.min(1, s.nrAccesses[i] / (s.maxNrAccesses() * options.seenShare()));
    }
}
