package org.damson.analyzer.objects;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.damson.analyzer.scan.MappingSpans;
import org.damson.analyzer.scan.MappingSpans.Span;
import org.damson.analyzer.scan.ResidentSoFar;
import org.damson.analyzer.scan.Scan;
import org.damson.analyzer.scan.SeenBytes;
import org.damson.analyzer.scan.TargetKey;
import org.damson.analyzer.scan.TargetNames;
import org.damson.analyzer.scan.TouchedBytes;
import org.damson.model.Snapshot;
import org.damson.model.TraceQuery;
import org.damson.model.TraceSource;

/** Which mappings are hot and which are cold: monitored, accessed and idle memory by the name of the mapping. */
public final class ObjectUse {
    private static final String NONE = "(no mapping known)";

    private ObjectUse() {}

    /** Their use, hottest first. */
    public static ObjectsResult compute(TraceSource source, TraceQuery query) throws IOException {
        Found found = new Found(MappingSpans.of(source), ObjectCode.of(source, query));
        int wanted = Snapshot.HAS_REFERENCED | Snapshot.HAS_WRITTEN;
        ResidentSoFar resident = ResidentSoFar.of(source);
        Scan.inOrderOfMappings(source, query, wanted, () -> new Part(found.mappings, resident, found.code))
                .forEach(found::add);
        return new ObjectsResult(
                mappings(found, TargetNames.of(source.manifest())),
                !found.mappings.isEmpty(),
                found.isWritten,
                found.isPartial,
                found.ran == null ? null : found.ran.result(found.seconds, TargetNames.of(source.manifest())));
    }

    private static List<ObjectsResult.Mapping> mappings(Found found, TargetNames targets) {
        List<ObjectsResult.Mapping> mappings = new ArrayList<>();
        targets.named(found.targets).forEach((key, names) -> {
            double seconds = Math.max(1e-9, found.seconds.get(key));
            names.entrySet().stream()
                    .sorted(Comparator.comparingDouble((Map.Entry<String, Sums> e) -> -e.getValue().accessed)
                            .thenComparing(Map.Entry::getKey))
                    .forEach(e -> mappings.add(e.getValue()
                            .result(
                                    key,
                                    e.getKey(),
                                    seconds,
                                    found.ran == null ? null : found.ran.most(key, e.getKey()))));
        });
        return List.copyOf(mappings);
    }

    /** Sums over the parts of a trace. */
    private static final class Found {
        final MappingSpans mappings;
        /** Null without call stacks, and so is what ran. */
        final ObjectCode code;

        final ObjectCode.Part ran;
        final Map<TargetKey, Map<String, Sums>> targets = new TreeMap<>();
        final Map<TargetKey, Double> seconds = new HashMap<>();
        boolean isWritten;
        boolean isPartial;

        Found(MappingSpans mappings, ObjectCode code) {
            this.mappings = mappings;
            this.code = code;
            ran = code == null ? null : code.new Part();
        }

        void add(Part part) {
            if (ran != null) {
                ran.addAll(part.ran);
            }
            isWritten |= part.isWritten;
            isPartial |= part.seen.values().stream().anyMatch(SeenBytes::isPartial);
            part.targets.forEach((key, names) -> {
                Map<String, Sums> sums = targets.computeIfAbsent(key, k -> new TreeMap<>());
                names.forEach(
                        (name, s) -> sums.computeIfAbsent(name, n -> new Sums()).addAll(s));
            });
            part.seconds.forEach((key, s) -> seconds.merge(key, s, Double::sum));
        }
    }

    private static final class Sums {
        double monitored;
        double accessed;
        double cold;
        double heat;
        double written;
        double writtenNotKnown;

        // Runs of time without access: the longest so far, and those at either end, which a neighbouring part may
        // prolong.
        private long firstNs = Long.MAX_VALUE;
        private long firstAccessNs = Long.MAX_VALUE;
        private long lastAccessNs = Long.MIN_VALUE;
        private long lastNs = Long.MIN_VALUE;
        private long longestNs;

        // Of the snapshot at hand: whether it has any of this, and any that is accessed.
        private boolean isSeenNow;
        private boolean isAccessedNow;

        void seen(long fromNs, long toNs) {
            firstNs = Math.min(firstNs, fromNs);
            lastNs = Math.max(lastNs, toNs);
            if (isAccessedNow) {
                if (lastAccessNs != Long.MIN_VALUE) {
                    longestNs = Math.max(longestNs, fromNs - lastAccessNs);
                }
                firstAccessNs = Math.min(firstAccessNs, fromNs);
                lastAccessNs = toNs;
            }
            isSeenNow = false;
            isAccessedNow = false;
        }

        void addAll(Sums o) {
            monitored += o.monitored;
            accessed += o.accessed;
            cold += o.cold;
            heat += o.heat;
            written += o.written;
            writtenNotKnown += o.writtenNotKnown;
            longestNs = Math.max(longestNs, o.longestNs);
            if (o.lastAccessNs != Long.MIN_VALUE) {
                if (lastAccessNs != Long.MIN_VALUE) {
                    longestNs = Math.max(longestNs, o.firstAccessNs - lastAccessNs);
                }
                firstAccessNs = Math.min(firstAccessNs, o.firstAccessNs);
                lastAccessNs = Math.max(lastAccessNs, o.lastAccessNs);
            }
            firstNs = Math.min(firstNs, o.firstNs);
            lastNs = Math.max(lastNs, o.lastNs);
        }

        ObjectsResult.Mapping result(TargetKey key, String name, double seconds, ObjectsResult.RanMost ranMost) {
            return new ObjectsResult.Mapping(
                    key,
                    name,
                    monitored / seconds,
                    accessed / seconds,
                    cold / seconds,
                    monitored == 0 ? 0.0 : 100 * heat / monitored,
                    longestUnusedNs(),
                    written / seconds,
                    writtenNotKnown / seconds,
                    ranMost);
        }

        long longestUnusedNs() {
            if (lastAccessNs == Long.MIN_VALUE) {
                return Math.max(0, lastNs - firstNs);
            }
            return Math.max(longestNs, Math.max(firstAccessNs - firstNs, lastNs - lastAccessNs));
        }
    }

    private static final class Part implements Scan.Accumulator {
        final Map<TargetKey, Map<String, Sums>> targets = new TreeMap<>();
        final Map<TargetKey, Double> seconds = new HashMap<>();
        private final MappingSpans mappings;
        private TargetKey key;
        private Map<String, Sums> names;
        private List<Span> areas = List.of();
        boolean isWritten;

        // Of the region that is being cut: shares of its bytes.
        private double writtenShare;
        private double notKnownShare;
        private final ResidentSoFar resident;
        final Map<TargetKey, SeenBytes> seen = new HashMap<>();

        /** Objects in the current snapshot. */
        private final List<Sums> now = new ArrayList<>();

        // Regions that follow one another mostly lie in one mapping: its sums are looked for once.
        private String lastName;
        private Sums lastSums;

        private final ObjectCode.Part ran;

        Part(MappingSpans mappings, ResidentSoFar resident, ObjectCode code) {
            ran = code == null ? null : code.new Part();
            this.resident = resident;
            this.mappings = mappings;
        }

        @Override
        public void add(Snapshot s) {
            if (key == null || !key.matches(s)) {
                key = TargetKey.of(s);
                names = targets.computeIfAbsent(key, k -> new TreeMap<>());
                areas = mappings.ofTarget(s.target);
                lastName = null;
            }
            long fromNs = s.fromNs();
            long toNs = s.endNs;
            double duration = Math.max(0, toNs - fromNs) / 1e9;
            seconds.merge(key, duration, Double::sum);
            boolean referenced = s.has(Snapshot.HAS_REFERENCED);
            isWritten |= s.has(Snapshot.HAS_WRITTEN);
            double perAccess = 1.0 / s.maxNrAccesses();
            now.clear();
            if (ran != null) {
                ran.begin(key);
            }
            SeenBytes bytesOf = seen.computeIfAbsent(key, k -> new SeenBytes(resident));
            bytesOf.add(s);
            int at = 0;
            for (int i = 0; i < s.regions; i++) {
                if (s.start[i] == s.end[i]) {
                    continue;
                }
                double size = Scan.bytes(s.end[i] - s.start[i]);
                double share = bytesOf.touched(i) / size;
                double cold = (bytesOf.idle(i) + bytesOf.undecided(i)) / size;
                double heat = Scan.heat(s, i, perAccess, referenced);
                long written = TouchedBytes.writtenPerSample(s, i);
                boolean isKnown = written != Snapshot.NOT_KNOWN;
                writtenShare = isKnown ? written / size : 0;
                notKnownShare = isKnown ? 0 : share;
                while (at < areas.size() && Long.compareUnsigned(areas.get(at).last(), s.start[i]) < 0) {
                    at++;
                }
                cut(s.start[i], s.end[i] - 1, at, fromNs, toNs, share, cold, heat);
            }
            now.forEach(sums -> sums.seen(fromNs, toNs));
            if (ran != null) {
                ran.end(key, fromNs, toNs);
            }
        }

        /**
         * Cuts a region into pieces, one for each mapping that it lies in and for what is between them.
         *
         * @param last inclusive
         * @param at first mapping that may be in it
         */
        private void cut(
                long start, long last, int at, long fromNs, long toNs, double share, double cold, double heat) {
            double duration = Math.max(0, toNs - fromNs) / 1e9;
            long from = start;
            for (int a = at; a < areas.size(); a++) {
                Span m = areas.get(a);
                if (Long.compareUnsigned(m.start(), last) > 0) {
                    break;
                }
                if (toNs <= m.fromNs() || fromNs >= m.toNs() || Long.compareUnsigned(m.last(), from) < 0) {
                    continue;
                }
                if (Long.compareUnsigned(m.start(), from) > 0) {
                    piece(NONE, from, m.start() - 1, share, cold, heat, duration);
                    from = m.start();
                }
                if (Long.compareUnsigned(m.last(), last) >= 0) {
                    piece(m.name(), from, last, share, cold, heat, duration);
                    return;
                }
                piece(m.name(), from, m.last(), share, cold, heat, duration);
                from = m.last() + 1;
            }
            piece(NONE, from, last, share, cold, heat, duration);
        }

        /** @param last inclusive */
        private void piece(String name, long from, long last, double share, double cold, double heat, double duration) {
            double bytes = Scan.bytes(last - from) + 1;
            if (!name.equals(lastName)) {
                lastName = name;
                lastSums = names.computeIfAbsent(name, n -> new Sums());
            }
            Sums sums = lastSums;
            sums.monitored += bytes * duration;
            sums.accessed += bytes * share * duration;
            sums.cold += bytes * cold * duration;
            sums.heat += bytes * heat * duration;
            sums.written += bytes * writtenShare * duration;
            sums.writtenNotKnown += bytes * notKnownShare * duration;
            sums.isAccessedNow |= share > 0;
            if (!sums.isSeenNow) {
                sums.isSeenNow = true;
                now.add(sums);
            }
            if (ran != null) {
                ran.piece(name, from, last, share, duration);
            }
        }
    }
}
