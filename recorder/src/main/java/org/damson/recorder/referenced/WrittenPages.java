package org.damson.recorder.referenced;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/**
 * In how many samples of an aggregation each page of a process was found written. Takes 2 KiB for each 2 MiB of addresses of
 * which a page was written, and nothing for others.
 */
final class WrittenPages {
    private static final int CHUNK_SHIFT = 21;
    private static final int CHUNK_PAGES = 512;
    private static final int PAGE_SHIFT = 12;

    private final Map<Long, int[]> chunks = new HashMap<>();
    private long lastChunk = -1;
    private int[] last;

    void clear() {
        chunks.clear();
        lastChunk = -1;
    }

    /** A page was written in the sample that is being read. */
    void add(long address) {
        long chunk = address >>> CHUNK_SHIFT;
        if (chunk != lastChunk) {
            last = chunks.computeIfAbsent(chunk, c -> new int[CHUNK_PAGES]);
            lastChunk = chunk;
        }
        last[(int) (address >>> PAGE_SHIFT) & (CHUNK_PAGES - 1)]++;
    }

    /** Pages of {@code [start, end)}, multiples of a page, are others now: what was counted there is not of them. */
    void forget(long start, long end) {
        long firstChunk = start >>> CHUNK_SHIFT;
        long lastOfRange = end - 1 >>> CHUNK_SHIFT;
        if (start >= end || chunks.isEmpty()) {
            return;
        }
        if (lastOfRange - firstChunk < chunks.size()) {
            for (long chunk = firstChunk; chunk <= lastOfRange; chunk++) {
                forget(chunk, chunks.get(chunk), start, end);
            }
        } else {
            chunks.forEach((chunk, counts) -> forget(chunk, counts, start, end));
        }
    }

    private static void forget(long chunk, int[] counts, long start, long end) {
        long from = Math.max(start, chunk << CHUNK_SHIFT);
        long to = Math.min(end, chunk + 1 << CHUNK_SHIFT);
        if (counts != null && from < to) {
            int first = (int) (from >>> PAGE_SHIFT) & (CHUNK_PAGES - 1);
            Arrays.fill(counts, first, first + (int) (to - from >>> PAGE_SHIFT), 0);
        }
    }

    /** Ranges of pages of {@code [start, end)} with the same count, those with none included, appended to {@code into}. */
    void runs(long start, long end, WrittenRuns into) {
        long from = start;
        int count = 0;
        for (long chunk = start >>> CHUNK_SHIFT; chunk <= end - 1 >>> CHUNK_SHIFT; chunk++) {
            int[] counts = chunks.get(chunk);
            long first = Math.max(start, chunk << CHUNK_SHIFT);
            long limit = Math.min(end, chunk + 1 << CHUNK_SHIFT);
            if (counts == null) {
                if (count != 0) {
                    into.add(from, first, count);
                    from = first;
                    count = 0;
                }
                continue;
            }
            for (long page = first; page < limit; page += PageMap.UNIT_BYTES) {
                int c = counts[(int) (page >>> PAGE_SHIFT) & (CHUNK_PAGES - 1)];
                if (c != count) {
                    if (page > from) {
                        into.add(from, page, count);
                    }
                    from = page;
                    count = c;
                }
            }
        }
        into.add(from, end, count);
    }
}
