package org.damson.analyzer.objects;

import java.io.IOException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.damson.analyzer.objects.FirstTouches.Range;
import org.damson.analyzer.scan.Scan;
import org.damson.analyzer.scan.TargetKey;
import org.damson.analyzer.scan.TargetNames;
import org.damson.analyzer.scan.TargetPids;
import org.damson.analyzer.timeline.FunctionShares;
import org.damson.model.TraceQuery;
import org.damson.model.TraceSource;
import org.damson.model.stacks.StackReader;
import org.damson.model.stacks.StackSamples;

/**
 * The code beside the memory: which functions ran while a mapping was accessed, what was accessed while a function ran, and who touched
 * memory first. The first two are matched by time alone.
 */
final class ObjectCode {
    private static final int MAX_ROWS = 50;

    /** What a trace tells of code. */
    private final FunctionShares functions;

    private final List<String> names;
    private final Map<Integer, List<Range>> touches;
    private final Map<Long, String> stacks;
    private final TargetPids targetPids;

    private ObjectCode(
            FunctionShares functions,
            Map<Integer, List<Range>> touches,
            Map<Long, String> stacks,
            TargetPids targetPids) {
        this.functions = functions;
        names = functions.names();
        this.touches = touches;
        this.stacks = stacks;
        this.targetPids = targetPids;
    }

    /** Null where the trace has no call stacks in that time. */
    static ObjectCode of(TraceSource source, TraceQuery query) throws IOException {
        StackSamples samples = StackReader.read(source, query.fromNs(), query.toNs());
        if (samples.count() == 0) {
            return null;
        }
        TargetPids targetPids = TargetPids.of(source.manifest());
        // Their addresses are those of processes: in the machine's own memory they would name other places.
        Map<Integer, List<Range>> touches = targetPids.isPhysical() ? Map.of() : FirstTouches.of(source, query);
        Set<Long> wanted = touches.values().stream()
                .flatMap(List::stream)
                .map(Range::stack)
                .collect(Collectors.toSet());
        return new ObjectCode(FunctionShares.of(samples), touches, StackTexts.of(source, wanted), targetPids);
    }

    private List<Range> touchesOf(long target) {
        int pid = targetPids.of(target, touches.keySet());
        return pid < 0 && touches.size() == 1
                ? touches.values().iterator().next()
                : touches.getOrDefault(pid, List.of());
    }

    /** What of it lies within snapshots, gathered in order of time by one thread. */
    final class Part {
        private final Map<TargetKey, Map<String, double[]>> weights = new HashMap<>();
        private final Map<TargetKey, double[]> accessedOf = new HashMap<>();
        private final double[] accessed = new double[names.size()];

        /** Samples within snapshots: each once, of however many targets the memory is that was accessed then. */
        private final BitSet seen = new BitSet();

        /** Of the snapshot. */
        private final Map<String, Double> now = new TreeMap<>();

        private double[] ofRanges;
        private List<Range> ranges = List.of();
        private int at;

        void begin(TargetKey key) {
            now.clear();
            ranges = touchesOf(key.target());
            at = 0;
            ofRanges = accessedOf.computeIfAbsent(key, k -> new double[ranges.size()]);
        }

        /** Takes a piece of a region, in order of address. */
        void piece(String mapping, long start, long last, double share, double seconds) {
            if (share <= 0) {
                return;
            }
            now.merge(mapping, share * (Scan.bytes(last - start) + 1), Double::sum);
            while (at < ranges.size() && Long.compareUnsigned(ranges.get(at).last(), start) < 0) {
                at++;
            }
            for (int r = at;
                    r < ranges.size() && Long.compareUnsigned(ranges.get(r).start(), last) <= 0;
                    r++) {
                long from = Long.compareUnsigned(ranges.get(r).start(), start) > 0
                        ? ranges.get(r).start()
                        : start;
                long to = Long.compareUnsigned(ranges.get(r).last(), last) < 0
                        ? ranges.get(r).last()
                        : last;
                ofRanges[r] += share * seconds * (Scan.bytes(to - from) + 1);
            }
        }

        /** Ends the snapshot: what ran then ran while that was accessed. */
        void end(TargetKey key, long fromNs, long toNs) {
            int pid = targetPids.of(key.target(), functions.pids());
            double all = now.values().stream().mapToDouble(Double::doubleValue).sum();
            Map<String, double[]> ofTarget = weights.computeIfAbsent(key, k -> new HashMap<>());
            functions.forEach(fromNs, toNs, (sample, of, function) -> {
                if (pid >= 0 && of != pid) {
                    return;
                }
                seen.set(sample);
                accessed[function] += all;
                now.forEach((mapping, bytes) ->
                        ofTarget.computeIfAbsent(mapping, m -> new double[names.size()])[function] += bytes);
            });
        }

        void addAll(Part o) {
            o.weights.forEach((key, of) -> of.forEach((mapping, w) -> add(
                    w,
                    weights.computeIfAbsent(key, k -> new HashMap<>())
                            .computeIfAbsent(mapping, m -> new double[names.size()]))));
            o.accessedOf.forEach(
                    (key, bytes) -> add(bytes, accessedOf.computeIfAbsent(key, k -> new double[bytes.length])));
            add(o.accessed, accessed);
            seen.or(o.seen);
        }

        private static void add(double[] from, double[] to) {
            for (int i = 0; i < from.length; i++) {
                to[i] += from[i];
            }
        }

        /** The function that ran most while a mapping was accessed; null if nothing ran. */
        ObjectsResult.RanMost most(TargetKey key, String mapping) {
            double[] w = weights.getOrDefault(key, Map.of()).get(mapping);
            if (w == null) {
                return null;
            }
            int most = 0;
            double all = 0;
            for (int f = 0; f < w.length; f++) {
                all += w[f];
                most = w[f] > w[most] ? f : most;
            }
            return new ObjectsResult.RanMost(names.get(most), 100 * w[most] / all);
        }

        /** @param seconds how long each target was monitored */
        ObjectsResult.Code result(Map<TargetKey, Double> seconds, TargetNames targets) {
            List<ObjectsResult.FirstTouch> touched = firstTouches(seconds, targets);
            return new ObjectsResult.Code(
                    functions(touched),
                    functions.count() - seen.cardinality(),
                    !touches.isEmpty(),
                    List.copyOf(touched.subList(0, Math.min(MAX_ROWS, touched.size()))));
        }

        private List<ObjectsResult.Function> functions(List<ObjectsResult.FirstTouch> touched) {
            long[] samples = new long[names.size()];
            seen.stream().forEach(i -> samples[functions.functionOf(i)]++);
            Map<String, Integer> places = new HashMap<>();
            names.forEach(n -> places.put(n, places.size()));
            Map<String, Double> touchedBytes = new HashMap<>();
            touched.forEach(t -> touchedBytes.merge(FunctionShares.name(t.code()), t.meanAccessedBytes(), Double::sum));
            Set<String> found = new HashSet<>(touchedBytes.keySet());
            for (int f = 0; f < samples.length; f++) {
                if (samples[f] > 0) {
                    found.add(names.get(f));
                }
            }
            double all = Math.max(1, seen.cardinality());
            return found.stream()
                    .map(name -> {
                        int f = places.getOrDefault(name, -1);
                        long n = f < 0 ? 0 : samples[f];
                        return new ObjectsResult.Function(
                                name,
                                n,
                                100 * n / all,
                                n == 0 ? null : accessed[f] / n,
                                touchedBytes.getOrDefault(name, 0.0));
                    })
                    .sorted(Comparator.comparingLong((ObjectsResult.Function f) -> -f.samples())
                            .thenComparingDouble(f -> -f.touchedAccessedBytes())
                            .thenComparing(ObjectsResult.Function::name))
                    .limit(MAX_ROWS)
                    .toList();
        }

        /** All of them, the most accessed first. */
        private List<ObjectsResult.FirstTouch> firstTouches(Map<TargetKey, Double> seconds, TargetNames targets) {
            List<ObjectsResult.FirstTouch> all = new ArrayList<>();
            accessedOf.entrySet().stream().sorted(Map.Entry.comparingByKey()).forEach(e -> {
                double duration = Math.max(1e-9, seconds.get(e.getKey()));
                List<Range> of = touchesOf(e.getKey().target());
                for (int r = 0; r < of.size(); r++) {
                    Range range = of.get(r);
                    all.add(new ObjectsResult.FirstTouch(
                            targets.named(e.getKey()),
                            range.start(),
                            range.last() + 1,
                            range.bytes(),
                            e.getValue()[r] / duration,
                            range.code(),
                            stacks.get(range.stack())));
                }
            });
            all.sort(Comparator.comparingDouble((ObjectsResult.FirstTouch t) -> -t.meanAccessedBytes())
                    .thenComparingDouble(t -> -t.sizeBytes()));
            return all;
        }
    }
}
