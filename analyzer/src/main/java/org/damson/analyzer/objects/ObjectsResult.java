package org.damson.analyzer.objects;

import java.util.List;
import org.damson.analyzer.scan.TargetKey;
import org.damson.model.stacks.Frame;

/**
 * Hot and cold memory by mapping, and the code that ran beside it.
 *
 * @param mappings by target, then hottest first
 * @param hasMappings whether the trace has mappings
 * @param isWritten whether the trace has writes
 * @param isPartial whether regions are mappings, of which what was seen touched counts
 * @param code null without call stacks
 */
public record ObjectsResult(
        List<Mapping> mappings, boolean hasMappings, boolean isWritten, boolean isPartial, Code code) {
    /**
     * All mappings of one name in a target; bytes are means over time.
     *
     * @param heatPercent share of the samples that found it accessed
     * @param longestUnusedNs the longest time without any access seen
     * @param meanWrittenBytes 0 where nothing tells of writes
     * @param meanWrittenNotKnownBytes accessed, but whether it was written is not known
     * @param ranMost null where nothing ran while it was accessed, or nothing tells
     */
    public record Mapping(
            TargetKey key,
            String name,
            double meanMonitoredBytes,
            double meanAccessedBytes,
            double meanColdBytes,
            double heatPercent,
            long longestUnusedNs,
            double meanWrittenBytes,
            double meanWrittenNotKnownBytes,
            RanMost ranMost) {}

    /**
     * The function that ran most while a mapping was accessed.
     *
     * @param percent of the samples, weighed by the bytes that were accessed then
     */
    public record RanMost(String function, double percent) {}

    /**
     * What call stacks tell.
     *
     * @param functions those with the most samples, most first
     * @param notCounted samples outside the snapshots, or of processes that are not monitored
     * @param hasFirstTouches whether samples have addresses of data
     * @param firstTouches the most accessed ranges, most first
     */
    public record Code(
            List<Function> functions, long notCounted, boolean hasFirstTouches, List<FirstTouch> firstTouches) {}

    /**
     * A function.
     *
     * @param samples each once, whatever the targets; 0 of a function that only touched memory first
     * @param percent of all samples that are counted
     * @param meanAccessedBytes while it ran, of all targets; null without samples
     * @param touchedAccessedBytes accessed, mean over time, of what it touched first
     */
    public record Function(
            String name, long samples, double percent, Double meanAccessedBytes, double touchedAccessedBytes) {}

    /**
     * A range of memory and who touched it first.
     *
     * @param start inclusive
     * @param end exclusive
     * @param meanAccessedBytes over time
     * @param code what touched it
     * @param stack the whole call stack, the outermost function first; null if it is not in the trace
     */
    public record FirstTouch(
            TargetKey key,
            long start,
            long end,
            double sizeBytes,
            double meanAccessedBytes,
            Frame code,
            String stack) {}
}
