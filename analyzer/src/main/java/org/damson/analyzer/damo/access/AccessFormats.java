package org.damson.analyzer.damo.access;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.damson.analyzer.damo.DamoRecord;
import org.damson.analyzer.damo.DamoText;

/** The formats of a {@link AccessReport}'s areas: what to show where the user does not say, and what styles stand for. */
final class AccessFormats {
    private final List<DamoRecord> records;
    private final AccessOptions o;
    private final boolean manySnapshots;
    private final Map<String, String> formats = new HashMap<>();

    private AccessFormats(List<DamoRecord> records, AccessOptions options, boolean manySnapshots) {
        this.records = records;
        this.o = options;
        this.manySnapshots = manySnapshots;
    }

    /**
     * By area. Sets in {@code options} what a style says of boxes and order.
     *
     * @param manySnapshots whether any record has more than one
     */
    static Map<String, String> of(List<DamoRecord> records, AccessOptions options, boolean manySnapshots)
            throws IOException {
        AccessFormats f = new AccessFormats(records, options, manySnapshots);
        f.choose();
        return f.formats;
    }

    private void choose() throws IOException {
        formats.putAll(o.set);
        style();
        if (o.totalSzOnly) {
            formats.put("snapshot_head", "");
            formats.put("region", "");
            formats.put("snapshot_tail", "<total bytes>");
        }
        boolean filtered = records.stream().anyMatch(r -> !r.filters.isEmpty());
        recordDefaults();
        if (o.ofAttributes) {
            attributeDefaults(filtered);
        } else {
            snapshotDefaults(filtered);
            regionDefault(filtered);
        }
        o.append.forEach((area, texts) -> formats.merge(area, String.join("", texts), String::concat));
    }

    private void style() {
        switch (o.style) {
            case "simple-boxes" -> {
                formats.put("snapshot_head", "snapshot time: [<start time>, <end time>] (<duration>)");
                formats.put("region", "<box> size <size> access <access hz> age <age>");
                rightBoxes();
            }
            case "cold", "hot" -> {
                formats.put("region", "<box> <size> access <access hz> <age>");
                rightBoxes();
                o.sortBy = List.of("temperature");
                o.sortDescending = o.style.equals("hot") ? Set.of("temperature") : o.sortDescending;
            }
            case "temperature-sz-hist" -> histogramStyle("temperature", "<temperature>");
            case "recency-sz-hist", "cold-memory-tail" -> histogramStyle("recency", "<idle time (us)>");
            case "recency-percentiles", "idle-time-percentiles" -> percentileStyle("recency");
            case "temperature-percentiles" -> percentileStyle("temperature");
            default -> {}
        }
    }

    private void rightBoxes() {
        o.boxHeight = new int[] {1, 1};
        o.boxLength = new int[] {1, 40};
        o.boxRight = true;
        o.boxColorset = "emotion";
    }

    private void histogramStyle(String metric, String legend) {
        List<String> head = new ArrayList<>();
        if (hasOpsFilters() && !o.ofAttributes) {
            Collections.addAll(
                    head,
                    "# damos filters (df): <filters passed type>",
                    legend + " <df-passed size>",
                    "<" + metric + "-df-passed-sz histogram>",
                    "");
        }
        Collections.addAll(head, legend + " <total size>", "<" + metric + "-sz histogram>");
        formats.put("snapshot_head", String.join("\n", head));
        formats.put("region", "");
    }

    private void percentileStyle(String metric) {
        List<String> head = new ArrayList<>();
        if (manySnapshots) {
            head.add("snapshot time: [<start time>, <end time>] (<duration>)");
        }
        if (hasOpsFilters() && !o.ofAttributes) {
            Collections.addAll(
                    head,
                    "# damos filters (df): <filters passed type>",
                    "# df-passed " + metric + " percentiles",
                    "<df-passed " + metric + " percentiles>",
                    "");
        }
        Collections.addAll(head, "# total " + metric + " percentiles", "<" + metric + " percentiles>");
        formats.put("snapshot_head", String.join("\n", head));
        formats.put("region", "");
    }

    private boolean hasOpsFilters() {
        return records.stream().anyMatch(r -> !r.opsFilters(false).isEmpty());
    }

    private void recordDefaults() {
        formats.putIfAbsent(
                "record_head",
                records.size() > 1
                        ? "kdamond <kdamond index> / context <context index> / scheme <scheme index> / target id"
                                + " <target id> / recorded for <duration> from <abs start time>"
                        : "");
        StringBuilder tail = new StringBuilder("record DAMON intervals: <intervals>");
        if (records.stream().anyMatch(r -> r.intervals.goal().isEnabled())) {
            tail.append("\n# <intervals goal>");
        }
        if (records.stream().anyMatch(r -> r.dataSource.equals("damon_stat"))) {
            tail.append("\n# data source: <data source>");
        }
        formats.putIfAbsent("record_tail", tail.toString());
    }

    /** A heading over the columns of regions; accesses, which may not have been looked for, are in none. */
    private void attributeDefaults(boolean filtered) {
        String time = manySnapshots ? "snapshot time: [<start time>, <end time>] (<duration>)\n" : "";
        String filters = filtered ? "\n# damos filters (df): <filters passed type>" : "";
        String heading = "\n#   " + DamoText.left("addr", 13) + DamoText.left("size", 13)
                + (filtered ? DamoText.left("df-passed", ProbeText.FILTERS_PASSED_CHARS + 2) : "")
                + DamoText.left("age", 14) + "probe_hits";
        formats.putIfAbsent(
                "snapshot_head",
                time + "heatmap: <heatmap>\n<probes>\nintervals: <snapshot intervals>" + filters
                        + (formats.containsKey("region") ? "" : heading));
        String bandwidth = !o.compat
                ? ""
                : "memory bw estimate: <estimated memory bandwidth>"
                        + (filtered ? "  df-passed: <filters passed estimated memory bandwidth>\n" : "\n");
        formats.putIfAbsent(
                "snapshot_tail",
                bandwidth + "total size: <total bytes>"
                        + (filtered ? "  df-passed <filters passed bytes>\nscheme stats\n<damos stats>" : ""));
        formats.putIfAbsent(
                "region",
                "<index> <start address> <size>" + (filtered ? "  <filters passed bytes>" : "")
                        + "  <age> <probe hits>");
    }

    private void snapshotDefaults(boolean filtered) throws IOException {
        StringBuilder head = new StringBuilder();
        if (manySnapshots) {
            head.append("snapshot time: [<start time>, <end time>] (<duration>)\n");
        }
        boolean isNamed = !manySnapshots || !o.compat || o.version.namesHeatmaps();
        head.append(isNamed ? "heatmap: " : "").append("<heatmap>\nintervals: <snapshot intervals>");
        String filters =
                filtered ? "\n# damos filters (df): <filters passed type>\ndf-pass: <filters passed heatmap>" : "";
        if (o.compat && o.version.tellsFiltersInGivenHeads()) {
            formats.computeIfPresent("snapshot_head", (area, given) -> given + filters);
        }
        head.append(filters);
        if (hasProbeHits() && (!o.compat || o.version.headsProbeHits()) && !formats.containsKey("region")) {
            head.append("\n#   ")
                    .append(DamoText.left("addr", 13))
                    .append(DamoText.left("size", 20))
                    .append(DamoText.left("age", 14))
                    .append("probe_hits\n#")
                    .append(" ".repeat(29))
                    .append("access_hz");
        }
        formats.putIfAbsent("snapshot_head", head.toString());
        String bandwidth = "memory bw estimate: <estimated memory bandwidth>";
        formats.putIfAbsent(
                "snapshot_tail",
                !filtered
                        ? bandwidth + "\ntotal size: <total bytes>"
                        : bandwidth + "  df-passed: <filters passed estimated memory bandwidth>"
                                + "\ntotal size: <total bytes>  df-passed <filters passed bytes>"
                                + (o.compat && o.version.headsProbeHits() ? "\nscheme stats\n<damos stats>" : ""));
        if (o.regionBox && !formats.get("snapshot_tail").contains("<region box description>")) {
            // damo takes the record's tail here.
            String base = formats.get(o.compat ? "record_tail" : "snapshot_tail");
            formats.put("snapshot_tail", base + "\n<region box description>");
        }
    }

    private void regionDefault(boolean filtered) throws IOException {
        String format = hasProbeHits()
                ? "<index> <start address> <size>  <access hz> <age> <probe hits> "
                : "<index> addr <start address> size <size> access <access hz> age <age>";
        if (o.regionBox) {
            formats.put("region", (o.boxHeight[1] > 1 ? "<box>" : "<box>\n") + format);
        }
        formats.putIfAbsent("region", format + (filtered ? " df-passed <filters passed bytes>" : ""));
    }

    /** damo looks at the first snapshot of the first record; until 3.3.2 at the first region of it. */
    private boolean hasProbeHits() throws IOException {
        boolean[] found = {false};
        if (!records.isEmpty() && !(o.compat && !o.version.showsProbeHits())) {
            boolean[] first = {true};
            records.get(0).forEach(s -> {
                if (first[0]) {
                    long regions = o.compat && !o.version.headsProbeHits() ? 1 : s.regions.size();
                    found[0] = s.regions.stream().limit(regions).anyMatch(r -> !r.probeHits.isEmpty());
                }
                first[0] = false;
            });
        }
        return found[0];
    }
}
