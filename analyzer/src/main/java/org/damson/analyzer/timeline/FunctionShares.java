package org.damson.analyzer.timeline;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.damson.model.stacks.Frame;
import org.damson.model.stacks.SampledThread;
import org.damson.model.stacks.StackSamples;

/**
 * Which functions ran, by samples of one event. A function is named with its file; code without a symbol is a function for
 * each place in its file.
 */
public final class FunctionShares {
    /**
     * A function within a time.
     *
     * @param self samples in which it ran itself
     * @param total samples in which it or what it called ran
     * @param all samples of the time
     */
    public record Share(String function, long self, long total, long all) {}

    private final StackSamples samples;
    private final String event;
    private final boolean[] counted;
    private final int[] functionOf;
    private final List<String> names;

    private FunctionShares(StackSamples samples, String event) {
        this.samples = samples;
        this.event = event;
        counted = new boolean[samples.threadTable().size()];
        for (int t = 0; t < counted.length; t++) {
            counted[t] = samples.threadTable().get(t).event().equals(event);
        }
        Map<String, Integer> ids = new HashMap<>();
        functionOf = new int[samples.frameTable().size()];
        names = new ArrayList<>();
        for (int f = 0; f < functionOf.length; f++) {
            functionOf[f] = ids.computeIfAbsent(name(samples.frameTable().get(f)), n -> {
                names.add(n);
                return names.size() - 1;
            });
        }
    }

    /** By the samples of a clock if there are any, else those of the event with the most samples; there must be one. */
    public static FunctionShares of(StackSamples samples) {
        return new FunctionShares(samples, samples.countedEvent());
    }

    /** What a frame's function is called: with its file, which without a symbol has the place in it. */
    public static String name(Frame f) {
        String file = f.path().substring(f.path().lastIndexOf('/') + 1);
        return f.hasFunction() && !file.isBlank() ? f.name() + " (" + file + ")" : f.name();
    }

    /** The event whose samples are counted, on one line. */
    public String event() {
        return Frame.harmless(event);
    }

    /** Whether a sample is of the event. */
    public boolean isCounted(int sample) {
        return counted[samples.threads()[sample]];
    }

    /** Samples of the event. */
    public long count() {
        return samples.count() - others();
    }

    /** Samples of other events, which are not counted. */
    public long others() {
        return Arrays.stream(samples.threads()).filter(t -> !counted[t]).count();
    }

    /** The functions that ran most themselves within {@code [fromNs, toNs)}, at most {@code most}. */
    public List<Share> top(long fromNs, long toNs, int most) {
        long[] self = new long[names.size()];
        long[] total = new long[names.size()];
        int[] lastSample = new int[names.size()];
        Arrays.fill(lastSample, -1);
        long all = 0;
        for (int i = first(fromNs); i < samples.count() && samples.timesNs()[i] < toNs; i++) {
            if (!counted[samples.threads()[i]]) {
                continue;
            }
            all++;
            int[] stack = samples.stackTable()[samples.stacks()[i]];
            self[functionOf[stack[0]]]++;
            for (int frame : stack) {
                int f = functionOf[frame];
                total[f] += lastSample[f] == i ? 0 : 1;
                lastSample[f] = i;
            }
        }
        List<Share> shares = new ArrayList<>();
        for (int f = 0; f < self.length; f++) {
            if (self[f] > 0) {
                shares.add(new Share(names.get(f), self[f], total[f], all));
            }
        }
        shares.sort(Comparator.comparingLong(Share::self).reversed().thenComparing(Share::function));
        return List.copyOf(shares.subList(0, Math.min(most, shares.size())));
    }

    /** Takes a sample. */
    public interface Visitor {
        /**
         * @param sample its place among all samples
         * @param function index in {@link #names}
         */
        void visit(int sample, int pid, int function);
    }

    /** All functions. */
    public List<String> names() {
        return List.copyOf(names);
    }

    /** Shows which function ran itself in each sample within {@code [fromNs, toNs)}. */
    public void forEach(long fromNs, long toNs, Visitor visitor) {
        for (int i = first(fromNs); i < samples.count() && samples.timesNs()[i] < toNs; i++) {
            int thread = samples.threads()[i];
            if (counted[thread]) {
                int leaf = samples.stackTable()[samples.stacks()[i]][0];
                visitor.visit(i, samples.threadTable().get(thread).pid(), functionOf[leaf]);
            }
        }
    }

    /** The function that ran itself in a sample, as an index in {@link #names}. */
    public int functionOf(int sample) {
        return functionOf[samples.stackTable()[samples.stacks()[sample]][0]];
    }

    /** Processes that the counted samples are of. */
    public Set<Integer> pids() {
        return samples.threadTable().stream()
                .filter(t -> t.event().equals(event))
                .map(SampledThread::pid)
                .collect(Collectors.toSet());
    }

    /** Samples within {@code [fromNs, toNs)} in equal steps of time: for each of {@code functions}, and last of all others. */
    public long[][] overTime(long fromNs, long toNs, int steps, List<String> functions) {
        int[] rowOf = new int[names.size()];
        for (int f = 0; f < rowOf.length; f++) {
            int row = functions.indexOf(names.get(f));
            rowOf[f] = row < 0 ? functions.size() : row;
        }
        long[][] counts = new long[functions.size() + 1][steps];
        double stepNs = Math.max(1.0, (double) toNs - fromNs) / steps;
        for (int i = first(fromNs); i < samples.count() && samples.timesNs()[i] < toNs; i++) {
            if (counted[samples.threads()[i]]) {
                // Not in long: times of a damaged trace may be further apart than it holds.
                int step = Math.min(steps - 1, (int) (((double) samples.timesNs()[i] - fromNs) / stepNs));
                int leaf = samples.stackTable()[samples.stacks()[i]][0];
                counts[rowOf[functionOf[leaf]]][step]++;
            }
        }
        return counts;
    }

    private int first(long fromNs) {
        int low = 0;
        int high = samples.count();
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (samples.timesNs()[middle] < fromNs) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }
}
