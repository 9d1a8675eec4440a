package org.damson.analyzer.page;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.damson.analyzer.timeline.FunctionShares;
import org.damson.model.stacks.Frame;
import org.damson.model.stacks.SampledThread;
import org.damson.model.stacks.StackSamples;

/**
 * Call stacks in steps of time, as a tree of functions and, for each step, how many samples ended in which node of it.
 *
 * @param event whose samples are counted
 * @param count samples counted
 * @param others samples of other events
 * @param rare samples whose stacks are not in the tree, because there are too many different ones: of these it has the functions that
 *     ran themselves, below one node, as far as there is room for their names
 * @param stepNs duration of a step, from the start of the page
 * @param nodes of node 1, 2, ...: how far its parent is before it, and its function; node 0 is the root. Varints
 * @param counts steps since the entry before, node, samples. Varints
 * @param names of the functions
 * @param kernel by function: whether it is the kernel's
 * @param touches page faults at addresses, in order of time
 * @param touchesLeftOut those beyond the first {@link #MAX_TOUCHES}
 */
public record PageStacks(
        String event,
        long count,
        long others,
        long rare,
        long stepNs,
        byte[] nodes,
        byte[] counts,
        List<String> names,
        boolean[] kernel,
        List<Touch> touches,
        int touchesLeftOut) {
    /**
     * Memory that was touched first, or anew.
     *
     * @param timeNs since the start of the page
     * @param node of the stack that touched it
     */
    public record Touch(int pid, long address, double timeNs, int node) {}

    /** Stands for the callers in stacks that are not in the tree. */
    static final String RARE = "[stacks too rare to list]";

    private static final int MAX_STEPS = 4096;
    private static final int MAX_NODES = 100_000;
    private static final int MAX_NAME_BYTES = 1_500_000;
    private static final int MAX_ENTRIES = 200_000;
    private static final int MAX_TOUCHES = 10_000;

    /** Null where there are no samples, and so no functions. */
    static PageStacks of(StackSamples samples, FunctionShares functions, PageTime time) {
        return functions == null ? null : new Builder(samples, functions, time).build();
    }

    private static final class Builder {
        private final StackSamples samples;
        private final FunctionShares functions;
        private final PageTime time;
        private final PageTexts names = new PageTexts(MAX_NAME_BYTES);
        private final List<Boolean> kernel = new ArrayList<>();
        private final ByteArrayOutputStream nodes = new ByteArrayOutputStream();
        /** Child of a node by function: (node, function) to node. */
        private final Map<Long, Integer> children = new HashMap<>();

        private final List<Touch> touches = new ArrayList<>();

        private int size = 1;
        private long rare;
        private int touchesLeftOut;

        Builder(StackSamples samples, FunctionShares functions, PageTime time) {
            this.samples = samples;
            this.functions = functions;
            this.time = time;
        }

        PageStacks build() {
            int rareNode = child(0, name(RARE, false));
            int[] nodeOf = nodes(rareNode);
            long stepNs = Math.max(1, (long) Math.ceil(time.lengthNs() / MAX_STEPS));
            byte[] counts = counts(nodeOf, stepNs);
            while (counts == null) {
                stepNs *= 2;
                counts = counts(nodeOf, stepNs);
            }
            touches(nodeOf);
            boolean[] isKernel = new boolean[kernel.size()];
            for (int i = 0; i < isKernel.length; i++) {
                isKernel[i] = kernel.get(i);
            }
            return new PageStacks(
                    functions.event(),
                    functions.count(),
                    functions.others(),
                    rare,
                    stepNs,
                    nodes.toByteArray(),
                    counts,
                    names.list(),
                    isKernel,
                    List.copyOf(touches),
                    touchesLeftOut);
        }

        private void touches(int[] nodeOf) {
            for (int i = 0; i < samples.count(); i++) {
                if (isTouch(i) && touches.size() == MAX_TOUCHES) {
                    touchesLeftOut++;
                } else if (isTouch(i)) {
                    int pid = samples.threadTable().get(samples.threads()[i]).pid();
                    touches.add(new Touch(
                            pid, samples.addresses()[i], time.at(samples.timesNs()[i]), nodeOf[samples.stacks()[i]]));
                }
            }
        }

        private boolean isTouch(int sample) {
            return samples.addresses()[sample] != 0
                    && SampledThread.isPageFault(
                            samples.threadTable().get(samples.threads()[sample]).event());
        }

        /** The node of each stack, the most frequent first, as long as there is room. */
        private int[] nodes(int rareNode) {
            long[] counts = new long[samples.stackTable().length];
            boolean[] isUsed = new boolean[counts.length];
            for (int i = 0; i < samples.count(); i++) {
                counts[samples.stacks()[i]] += functions.isCounted(i) ? 1 : 0;
                isUsed[samples.stacks()[i]] |= functions.isCounted(i) || isTouch(i);
            }
            Integer[] order = new Integer[counts.length];
            Arrays.setAll(order, i -> i);
            Arrays.sort(
                    order, Comparator.comparingLong((Integer s) -> -counts[s]).thenComparing(s -> s));
            int[] nodeOf = new int[counts.length];
            for (int stack : order) {
                if (isUsed[stack]) {
                    int[] leafFirst = samples.stackTable()[stack];
                    int node = node(leafFirst);
                    rare += node < 0 ? counts[stack] : 0;
                    nodeOf[stack] = node < 0 ? leaf(leafFirst[0], rareNode) : node;
                }
            }
            return nodeOf;
        }

        /** Below the node of what is rare, the function that ran; as many nodes as names at most. */
        private int leaf(int frame, int rareNode) {
            int name = name(samples.frameTable().get(frame));
            return name < 0 ? rareNode : child(rareNode, name);
        }

        /** -1 if there is no room. */
        private int node(int[] leafFirst) {
            if (size + leafFirst.length > MAX_NODES) {
                return -1;
            }
            int node = 0;
            for (int d = leafFirst.length - 1; d >= 0; d--) {
                int name = name(samples.frameTable().get(leafFirst[d]));
                if (name < 0) {
                    return -1;
                }
                node = child(node, name);
            }
            return node;
        }

        private int name(Frame f) {
            return name(FunctionShares.name(f), f.isKernel());
        }

        private int name(String text, boolean isKernel) {
            int place = names.add(text);
            if (place == kernel.size()) {
                kernel.add(isKernel);
            }
            return place;
        }

        private int child(int parent, int name) {
            return children.computeIfAbsent((long) parent << 32 | name, k -> {
                Packed.varint(size - parent, nodes);
                Packed.varint(name, nodes);
                return size++;
            });
        }

        /** Null if they are more than fit. */
        private byte[] counts(int[] nodeOf, long stepNs) {
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            Map<Integer, Integer> inStep = new TreeMap<>();
            long step = 0;
            long before = 0;
            int entries = 0;
            for (int i = 0; i <= samples.count(); i++) {
                boolean isEnd = i == samples.count();
                if (!isEnd && !functions.isCounted(i)) {
                    continue;
                }
                long now = isEnd ? Long.MAX_VALUE : (long) (time.at(samples.timesNs()[i]) / stepNs);
                if (now != step) {
                    for (Map.Entry<Integer, Integer> e : inStep.entrySet()) {
                        Packed.varint(step - before, out);
                        Packed.varint(e.getKey(), out);
                        Packed.varint(e.getValue(), out);
                        before = step;
                    }
                    entries += inStep.size();
                    inStep.clear();
                    step = now;
                    if (entries > MAX_ENTRIES && stepNs < time.lengthNs()) {
                        return null;
                    }
                }
                if (!isEnd) {
                    inStep.merge(nodeOf[samples.stacks()[i]], 1, Integer::sum);
                }
            }
            return out.toByteArray();
        }
    }
}
