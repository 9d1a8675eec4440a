package org.damson.analyzer.page;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.damson.analyzer.heatmap.TileLayout;
import org.damson.analyzer.scan.MappingSpans;
import org.damson.analyzer.scan.Scan;
import org.damson.analyzer.scan.TargetKey;
import org.damson.model.TraceSource;

/**
 * What was mapped where, of the lanes of a page.
 *
 * @param rows the largest, ascending by target, address and time
 * @param names of the mappings, as rows name them
 * @param leftOut mappings beyond those
 */
public record PageMappings(List<Row> rows, List<String> names, int leftOut) {
    private static final int MAX_ROWS = 6000;
    private static final int MAX_NAME_BYTES = 250_000;

    /**
     * A mapping while it was there.
     *
     * @param target its place among the targets of the lanes
     * @param fromNs since the start of the page
     * @param toNs since the start of the page, exclusive
     */
    public record Row(int target, long start, double bytes, String permissions, int name, double fromNs, double toNs) {}

    private record Found(int target, MappingSpans.Span span) {}

    static PageMappings of(TraceSource trace, TileLayout layout, PageTime time) throws IOException {
        MappingSpans spans = MappingSpans.of(trace);
        List<TargetKey> targets = targets(layout);
        List<Found> found = new ArrayList<>();
        for (int t = 0; t < targets.size(); t++) {
            TargetKey key = targets.get(t);
            for (MappingSpans.Span s : spans.ofTarget(key.target())) {
                if (s.toNs() > time.fromNs() && s.fromNs() < time.toNs() && isShown(layout, key, s)) {
                    found.add(new Found(t, s));
                }
            }
        }
        int leftOut = Math.max(0, found.size() - MAX_ROWS);
        if (leftOut > 0) {
            double least = found.stream()
                    .mapToDouble(PageMappings::bytes)
                    .sorted()
                    .skip(leftOut)
                    .findFirst()
                    .orElse(0);
            int[] equal = {
                MAX_ROWS - (int) found.stream().filter(f -> bytes(f) > least).count()
            };
            found.removeIf(f -> bytes(f) < least || bytes(f) == least && equal[0]-- <= 0);
        }
        PageTexts names = new PageTexts(MAX_NAME_BYTES);
        List<Row> rows = new ArrayList<>();
        for (Found f : found) {
            MappingSpans.Span s = f.span();
            int name = names.add(s.name());
            if (name < 0) {
                leftOut++;
                continue;
            }
            rows.add(new Row(
                    f.target(),
                    s.start(),
                    bytes(f),
                    permissions(s.permissions()),
                    name,
                    time.at(s.fromNs()),
                    time.at(s.toNs())));
        }
        return new PageMappings(List.copyOf(rows), names.list(), leftOut);
    }

    /** As in {@code rw-p}; a hostile trace may say anything. */
    private static String permissions(String text) {
        return PageTexts.shown(text.substring(0, Math.min(4, text.length())));
    }

    private static double bytes(Found f) {
        return Scan.bytes(f.span().last() - f.span().start()) + 1;
    }

    private static boolean isShown(TileLayout layout, TargetKey key, MappingSpans.Span s) {
        return layout.lanes().stream()
                .anyMatch(l -> l.key().equals(key)
                        && Long.compareUnsigned(s.start(), l.end() - 1) <= 0
                        && Long.compareUnsigned(l.start(), s.last()) <= 0);
    }

    /** The targets of the lanes, in their order. */
    public static List<TargetKey> targets(TileLayout layout) {
        return layout.lanes().stream().map(TileLayout.Lane::key).distinct().toList();
    }
}
