package org.damson.analyzer.timeline;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.damson.analyzer.heatmap.ChangePoints;
import org.damson.analyzer.heatmap.GuideResult;
import org.damson.analyzer.heatmap.Heatmap;
import org.damson.analyzer.heatmap.HeatmapOptions;
import org.damson.analyzer.heatmap.HeatmapResult;
import org.damson.analyzer.heatmap.TraceGuide;
import org.damson.analyzer.scan.Area;
import org.damson.analyzer.scan.Scan;
import org.damson.analyzer.workingset.WorkingSet;
import org.damson.analyzer.workingset.WorkingSetOptions;
import org.damson.analyzer.workingset.WorkingSetResult;
import org.damson.model.TraceQuery;
import org.damson.model.TraceSource;
import org.damson.model.stacks.StackReader;
import org.damson.model.stacks.StackSamples;

/**
 * When a program changed what it does: which memory it uses, and, of a trace with call stacks, which functions run.
 *
 * <p>Of a heatmap of at most 240 columns and 128 rows, each column becomes the vector of the square roots of its rows' shares
 * of its heat, so that two columns are at a squared distance between 0 (the same memory in the same proportions) and 2 (no
 * memory in common). In the same way it becomes a vector of the shares of its samples that the 32 functions which ran most,
 * and all others together, have; a column without samples has none. Where there are more samples than snapshots, columns are
 * shorter than snapshots: eight samples each at least, or three in no more than 60 columns. The distances of memory then count for
 * as many columns as there are snapshots. {@link ChangePoints} cuts the columns into phases: those of two snapshots each are
 * seen where there are several; what differs from column to column is none. Where columns are fewer than 240, each start is then moved by less than a column, to where a heatmap of 240
 * columns separates them best.
 */
public final class PhaseFinder {
    private static final int MAX_COLUMNS = 240;
    private static final int ROWS = 128;
    private static final int FUNCTIONS = 32;
    private static final int SAMPLES_OF_A_COLUMN = 8;

    /** So many columns, of fewer samples each, are enough to tell phases from chance, which a dozen are not. */
    private static final int ENOUGH_COLUMNS = 60;

    private static final int FEWEST_SAMPLES = 3;
    private static final long PAGE = 4096;

    private PhaseFinder() {}

    /** The phases in the order of time. */
    public static List<Phase> compute(TraceSource source, TraceQuery query) throws IOException {
        WorkingSetResult.Series sizes =
                WorkingSet.compute(source, query, WorkingSetOptions.DEFAULTS).total();
        if (sizes.length() == 0) {
            return List.of();
        }
        StackSamples samples = StackReader.read(source, query.fromNs(), query.toNs());
        FunctionShares functions = samples.count() == 0 ? null : FunctionShares.of(samples);
        return find(source, query, sizes, TraceGuide.compute(source, query), functions);
    }

    /**
     * The phases in the order of time, where the working set and the guide of the same query are known.
     *
     * @param functions null where there are no call stacks
     */
    public static List<Phase> find(
            TraceSource source,
            TraceQuery query,
            WorkingSetResult.Series sizes,
            GuideResult guide,
            FunctionShares functions)
            throws IOException {
        if (sizes.length() == 0) {
            return List.of();
        }
        long samples = functions == null ? 0 : functions.count();
        long bySamples = Math.max(samples / SAMPLES_OF_A_COLUMN, Math.min(ENOUGH_COLUMNS, samples / FEWEST_SAMPLES));
        int columns = (int) Math.min(MAX_COLUMNS, Math.max(sizes.length(), bySamples));
        int parts = MAX_COLUMNS / columns;
        HeatmapResult coarse = map(source, query, columns, guide);
        HeatmapResult map = parts == 1 ? coarse : map(source, query, columns * parts, guide);
        int[] starts = changes(coarse, sizes, functions, columns).starts(1);
        if (parts > 1 && starts.length > 1) {
            int[] rough = Arrays.stream(starts).map(s -> s * parts).toArray();
            starts = changes(map, sizes, functions, columns).moved(rough, parts);
        }
        List<Phase> phases = new ArrayList<>();
        long traceNs = Scan.traceNs(source);
        for (int i = 0; i < starts.length; i++) {
            int end = i + 1 < starts.length ? starts[i + 1] : map.cols();
            phases.add(phase(traceNs, map, sizes, starts[i], end));
        }
        return phases;
    }

    private static HeatmapResult map(TraceSource source, TraceQuery query, int columns, GuideResult guide)
            throws IOException {
        return Heatmap.compute(source, query, new HeatmapOptions(columns, ROWS, HeatmapOptions.Scope.ALL), guide);
    }

    /** @param units for how many columns the functions count */
    private static ChangePoints changes(
            HeatmapResult map, WorkingSetResult.Series sizes, FunctionShares functions, int units) {
        ChangePoints.Part memory = new ChangePoints.Part(memory(map), sizes.length());
        return functions == null
                ? ChangePoints.of(memory)
                : ChangePoints.of(memory, new ChangePoints.Part(functions(map, functions), units));
    }

    private static double[][] memory(HeatmapResult map) {
        return ChangePoints.columns(map.cols(), map.rows(), map::cell);
    }

    /** The square roots of shares; null for a column without samples. */
    private static double[][] functions(HeatmapResult map, FunctionShares functions) {
        List<String> most = functions.top(map.fromNs(), map.toNs(), FUNCTIONS).stream()
                .map(FunctionShares.Share::function)
                .toList();
        long[][] counts = functions.overTime(map.fromNs(), map.toNs(), map.cols(), most);
        double[][] columns = new double[map.cols()][];
        for (int c = 0; c < map.cols(); c++) {
            long sum = 0;
            for (long[] ofFunction : counts) {
                sum += ofFunction[c];
            }
            if (sum > 0) {
                columns[c] = new double[counts.length];
                for (int f = 0; f < counts.length; f++) {
                    columns[c][f] = Math.sqrt((double) counts[f][c] / sum);
                }
            }
        }
        return columns;
    }

    private static Phase phase(long traceNs, HeatmapResult map, WorkingSetResult.Series sizes, int start, int end) {
        long fromNs = map.timeNs(start);
        long toNs = map.timeNs(end);
        double[] heat = new double[map.rows()];
        int hottest = 0;
        double hot = 0;
        for (int r = 0; r < heat.length; r++) {
            for (int c = start; c < end; c++) {
                double cell = map.cell(c, r);
                heat[r] += Double.isNaN(cell) ? 0 : cell / (end - start);
            }
            hottest = heat[r] > heat[hottest] ? r : hottest;
            hot += heat[r] * map.totalBytes() / heat.length;
        }
        int low = hottest;
        int high = hottest;
        while (low > 0 && heat[low - 1] >= heat[hottest] / 2) {
            low--;
        }
        while (high + 1 < heat.length && heat[high + 1] >= heat[hottest] / 2) {
            high++;
        }
        double share = 0;
        for (int r = low; r <= high; r++) {
            share += heat[r] / (high - low + 1);
        }
        return new Phase(
                traceNs,
                fromNs,
                toNs,
                mean(sizes, fromNs, toNs),
                hot,
                hot == 0 ? null : place(map, low, hottest, high + 1),
                100 * share);
    }

    /** The addresses of rows, of the area of one of them: a row may reach into the next. */
    private static Phase.Place place(HeatmapResult map, int low, int hottest, int end) {
        double perRow = map.totalBytes() / map.rows();
        double offset = 0;
        for (Area a : map.areas()) {
            double size = Scan.bytes(a.sizeBytes());
            if ((hottest + 0.5) * perRow < offset + size) {
                long from = a.start() + (long) Math.max(0, low * perRow - offset);
                long to = a.start() + (long) Math.min(size, end * perRow - offset);
                // Rows end anywhere; memory is in pages.
                return new Phase.Place(from & -PAGE, (to + PAGE - 1) & -PAGE);
            }
            offset += size;
        }
        return null;
    }

    /** Mean size over a time, by how long each was. */
    private static double mean(WorkingSetResult.Series sizes, long fromNs, long toNs) {
        double sum = 0;
        double ns = 0;
        for (int i = 0; i < sizes.length(); i++) {
            double overlap = Math.min(toNs, sizes.endNs(i)) - Math.max(fromNs, sizes.startNs(i));
            sum += overlap > 0 ? overlap * sizes.size(i) : 0;
            ns += Math.max(0, overlap);
        }
        return ns == 0 ? 0 : sum / ns;
    }
}
