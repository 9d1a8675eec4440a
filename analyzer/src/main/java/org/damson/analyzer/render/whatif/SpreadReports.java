package org.damson.analyzer.render.whatif;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.damson.analyzer.openloop.OpenLoopResult;
import org.damson.damon.scheme.SchemeText;
import org.damson.model.Units;
import org.damson.model.text.CsvText;
import org.damson.model.text.Printable;

/**
 * The same schemes over repeated recordings of one program: what each recording bounds, and how far the recordings are apart.
 * Recordings may be of different length, so bytes are per second of recording.
 */
public final class SpreadReports {
    /** Explains the spread and its limits. */
    static final String SCOPE =
            "each line bounds one recording; another run may differ at least as much as the recordings do";

    /** A recording by name, and what the schemes would have done in it. */
    public record Run(String name, OpenLoopResult result) {
        private double perSecond(long bytes) {
            return bytes / Math.max(1e-9, (result.toNs() - result.fromNs()) / 1e9);
        }
    }

    private SpreadReports() {}

    /** Bytes tried per second: the least that a recording allows, least and greatest likely value, and the most. */
    private static Map<String, Object> spread(List<Run> runs, int scheme) {
        double least = Double.POSITIVE_INFINITY;
        double low = Double.POSITIVE_INFINITY;
        double high = 0;
        double most = 0;
        for (Run r : runs) {
            OpenLoopResult.PerScheme s = r.result().schemes().get(scheme);
            least = Math.min(least, r.perSecond(s.szTriedMin()));
            low = Math.min(low, r.perSecond(s.stats().szTried));
            high = Math.max(high, r.perSecond(s.stats().szTried));
            most = Math.max(most, r.perSecond(s.szTriedMax()));
        }
        Map<String, Object> m = new LinkedHashMap<>();
        m.put("sz_tried_per_s_least", least);
        m.put("sz_tried_per_s_likely_least", low);
        m.put("sz_tried_per_s_likely_most", high);
        m.put("sz_tried_per_s_most", most);
        // null: nothing was tried in one of them, and no factor says how far that is apart.
        m.put("factor", low > 0 ? high / low : null);
        return m;
    }

    public static String text(List<Run> runs) {
        StringBuilder b = new StringBuilder();
        b.append(runs.size()).append(" recordings; ").append(SCOPE).append('\n');
        for (int k = 0; k < runs.get(0).result().schemes().size(); k++) {
            b.append("\nscheme ").append(k).append(": ");
            b.append(SchemeText.shortForm(runs.get(0).result().schemes().get(k).scheme()));
            b.append("\n  sz_tried per second: estimate, lower to upper bound\n");
            for (Run r : runs) {
                OpenLoopResult.PerScheme s = r.result().schemes().get(k);
                b.append("  ").append(rate(r.perSecond(s.stats().szTried))).append(", ");
                b.append(rate(r.perSecond(s.szTriedMin()))).append(" to ");
                b.append(rate(r.perSecond(s.szTriedMax())));
                b.append("  ").append(Printable.line(r.name())).append('\n');
            }
            Map<String, Object> m = spread(runs, k);
            b.append("  between recordings: ").append(rate((double) m.get("sz_tried_per_s_likely_least")));
            b.append(" to ").append(rate((double) m.get("sz_tried_per_s_likely_most")));
            if (m.get("factor") instanceof Double factor) {
                b.append(String.format(java.util.Locale.ROOT, ", %.2f times", factor));
            }
            b.append('\n');
        }
        for (String note : notes(runs)) {
            b.append("\nnote: ").append(note);
        }
        return b.append('\n').toString();
    }

    /** What the recordings leave open, one line each with the recording's name. */
    public static List<String> notes(List<Run> runs) {
        List<String> notes = new ArrayList<>();
        for (Run r : runs) {
            r.result().notes().forEach(note -> notes.add(Printable.line(r.name() + ": " + note)));
        }
        return notes;
    }

    private static String rate(double bytesPerSecond) {
        return Units.bytes(Math.round(bytesPerSecond)) + "/s";
    }

    /** One line per recording and scheme. */
    public static void csv(List<Run> runs, Appendable out) throws IOException {
        out.append("recording,duration_ns,scheme,sz_tried,sz_tried_min,sz_tried_max\n");
        for (Run r : runs) {
            for (int k = 0; k < r.result().schemes().size(); k++) {
                OpenLoopResult.PerScheme s = r.result().schemes().get(k);
                out.append(CsvText.cell(r.name()) + ","
                                + (r.result().toNs() - r.result().fromNs()))
                        .append("," + k + "," + s.stats().szTried + "," + s.szTriedMin() + "," + s.szTriedMax() + "\n");
            }
        }
    }

    /** Maps, lists, numbers and texts. */
    public static Map<String, Object> json(List<Run> runs) {
        Map<String, Object> m = new LinkedHashMap<>();
        m.put("scope", SCOPE);
        List<Object> schemes = new ArrayList<>();
        for (int k = 0; k < runs.get(0).result().schemes().size(); k++) {
            Map<String, Object> one = spread(runs, k);
            one.put(
                    "scheme",
                    SchemeText.shortForm(runs.get(0).result().schemes().get(k).scheme()));
            schemes.add(one);
        }
        m.put("schemes", schemes);
        List<Object> recordings = new ArrayList<>();
        for (Run r : runs) {
            Map<String, Object> one = new LinkedHashMap<>();
            one.put("recording", r.name());
            one.putAll(OpenLoopReports.json(r.result()));
            recordings.add(one);
        }
        m.put("recordings", recordings);
        return m;
    }
}
