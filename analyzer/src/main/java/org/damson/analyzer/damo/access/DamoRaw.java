package org.damson.analyzer.damo.access;

import java.io.IOException;
import org.damson.analyzer.damo.DamoAdjust;
import org.damson.analyzer.damo.DamoPager;
import org.damson.analyzer.damo.DamoRecord;
import org.damson.analyzer.damo.DamoRecordFilter;
import org.damson.analyzer.damo.DamoRegion;
import org.damson.analyzer.damo.DamoSnapshot;
import org.damson.analyzer.damo.DamoText;
import org.damson.analyzer.damo.DamoTrace;
import org.damson.analyzer.damo.Num;

/** {@code damo report access --raw_form}: every region of every snapshot in plain columns. */
public final class DamoRaw {
    private DamoRaw() {}

    /** Writes the report. */
    public static void write(DamoTrace trace, DamoRecordFilter filter, AccessOptions options, Appendable to)
            throws IOException {
        boolean raw = options.raw;
        boolean compat = options.compat;
        filter.temperature(options::temperatureToSelect);
        DamoPager out = new DamoPager(to, compat);
        for (DamoRecord record : filter.apply(trace.records)) {
            Num[] base = new Num[1];
            record.forEach(s -> {
                if (base[0] == null) {
                    base[0] = s.start;
                    out.append("base_time_absolute: ")
                            .append(DamoText.timeNs(s.start, raw))
                            .append("\ndata source: ")
                            .append(record.dataSource)
                            .append("\n\n");
                }
                options.adjust(s, record.intervals);
                snapshot(s, record, base[0], options, out);
            });
        }
        out.end();
    }

    /** The records with their snapshots aggregated to {@code intervalUs}, the first {@code skip} of each left out. */
    public static DamoTrace aggregated(DamoTrace trace, long intervalUs, long skip, boolean compat) {
        return trace.withRecords(trace.records.stream()
                .map(r -> DamoAdjust.aggregate(r, intervalUs, skip, compat))
                .toList());
    }

    private static void snapshot(DamoSnapshot s, DamoRecord record, Num base, AccessOptions o, Appendable out)
            throws IOException {
        boolean raw = o.raw;
        time(out, "monitoring_start:    ", s.start.minus(base), raw);
        time(out, "monitoring_end:      ", s.end.minus(base), raw);
        time(out, "monitoring_duration: ", s.duration(), raw);
        out.append("target_id: ")
                .append(DamoRecord.none(record.target))
                .append("\nnr_regions: ")
                .append(Integer.toString(s.regions.size()))
                .append("\n# start_addr     end_addr        length  ")
                .append(o.ofAttributes ? "  age probe_hits\n" : "nr_accesses   age\n");
        for (DamoRegion r : s.regions) {
            out.append(hex(r.start))
                    .append('-')
                    .append(hex(r.end))
                    .append(" (")
                    .append(DamoText.right(DamoText.sz(r.size(), raw), 12))
                    .append(") ")
                    .append(
                            o.ofAttributes
                                    ? ""
                                    : DamoText.right(r.samples.toBig().toString(), 11) + " ")
                    .append(DamoText.right(r.age == null ? "-1" : r.age.toBig().toString(), 5))
                    .append(o.ofAttributes ? " " + ProbeText.hits(r) : "")
                    .append('\n');
        }
        out.append('\n');
    }

    private static void time(Appendable out, String name, Num ns, boolean raw) throws IOException {
        out.append(name).append(DamoText.right(DamoText.timeNs(ns, raw), 16)).append('\n');
    }

    private static String hex(Num address) {
        String digits = address.toBig().toString(16);
        return "0".repeat(Math.max(0, 12 - digits.length())) + digits;
    }
}
