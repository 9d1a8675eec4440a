package org.damson.analyzer.render.text;

import java.io.IOException;
import java.util.Map;
import org.damson.analyzer.heatmap.GuideResult;
import org.damson.analyzer.heatmap.HeatmapResult;
import org.damson.analyzer.scan.Area;
import org.damson.analyzer.workingset.WorkingSetResult;
import org.damson.model.text.CsvText;

/** Reports as CSV with a header line; times in nanoseconds of the trace's clock, sizes in bytes, addresses as hex. */
public final class CsvReports {
    private CsvReports() {}

    /** One line per snapshot and target; with several targets also those of the total. */
    public static void workingSet(WorkingSetResult r, Appendable out) throws IOException {
        out.append("target,start_ns,end_ns,working_set_bytes\n");
        for (WorkingSetResult.Series s : r.targets()) {
            series(s, out);
        }
        if (r.targets().size() > 1) {
            series(r.total(), out);
        }
    }

    private static void series(WorkingSetResult.Series s, Appendable out) throws IOException {
        for (int i = 0; i < s.length(); i++) {
            out.append(CsvText.cell(s.label()))
                    .append(',')
                    .append(Long.toString(s.startNs(i)))
                    .append(',');
            out.append(Long.toString(s.endNs(i))).append(',').append(Long.toString(s.size(i)));
            out.append('\n');
        }
    }

    /** One line per cell, columns first; heat is empty where nothing was monitored. */
    public static void heatmap(HeatmapResult r, Appendable out) throws IOException {
        out.append("start_ns,end_ns,address,heat\n");
        String[] addresses = new String[r.rows()];
        for (int row = 0; row < addresses.length; row++) {
            addresses[row] = org.damson.model.Units.address(r.address(row));
        }
        for (int col = 0; col < r.cols(); col++) {
            String time = r.timeNs(col) + "," + r.timeNs(col + 1) + ",";
            for (int row = 0; row < r.rows(); row++) {
                double heat = r.cell(col, row);
                out.append(time).append(addresses[row]).append(',');
                out.append(Double.isNaN(heat) ? "" : Double.toString(heat)).append('\n');
            }
        }
    }

    /** One line per area. */
    public static void guide(GuideResult r, Appendable out) throws IOException {
        out.append("target,start_ns,end_ns,start,end,bytes,heat_byte_seconds\n");
        for (GuideResult.Target t : r.targets()) {
            for (Area a : t.areas()) {
                out.append(CsvText.cell(t.key().label()))
                        .append(',')
                        .append(Long.toString(t.startNs()))
                        .append(',');
                out.append(Long.toString(t.endNs())).append(',');
                out.append(org.damson.model.Units.address(a.start())).append(',');
                out.append(org.damson.model.Units.address(a.end())).append(',');
                out.append(Long.toUnsignedString(a.sizeBytes())).append(',');
                out.append(Double.toString(a.heatByteSeconds())).append('\n');
            }
        }
    }

    /**
     * Tables of one kind below each other, with a column {@code trace} in front.
     *
     * @param tables by the name of the trace, each with its header line
     */
    public static void together(Map<String, String> tables, Appendable out) throws IOException {
        boolean isFirst = true;
        for (Map.Entry<String, String> table : tables.entrySet()) {
            String front = "trace,";
            boolean isQuoted = false;
            for (String line : table.getValue().split("(?<=\n)")) {
                boolean isHeader = front.equals("trace,") && !isQuoted;
                if (!isHeader || isFirst) {
                    // A cell in quotes may go on in the next line.
                    out.append(isQuoted ? "" : front).append(line);
                }
                isQuoted ^= line.chars().filter(c -> c == '"').count() % 2 == 1;
                front = CsvText.cell(table.getKey()) + ",";
            }
            isFirst = false;
        }
    }
}
