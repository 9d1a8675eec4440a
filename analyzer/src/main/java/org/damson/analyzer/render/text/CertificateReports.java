package org.damson.analyzer.render.text;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.damson.analyzer.certificate.AccuracySummary;
import org.damson.analyzer.certificate.Certificate;
import org.damson.analyzer.certificate.Score;
import org.damson.model.Units;

/** Accuracy of a source, as text and as a map for JSON. */
public final class CertificateReports {
    private CertificateReports() {}

    /** A table, a line per pattern, and the summary's line below it. */
    public static String text(Certificate c) {
        StringBuilder b = new StringBuilder();
        b.append(String.format(
                Locale.ROOT,
                "%-22s %12s %10s %7s %12s %10s  %s%n",
                "pattern",
                "touched",
                "WSS error",
                "F1",
                "correlation",
                "detection",
                ""));
        for (Score s : c.scores()) {
            b.append(String.format(
                    Locale.ROOT,
                    "%-22s %12s %10s %7s %12s %10s  %s%n",
                    s.pattern(),
                    Units.bytes(Math.round(s.meanWorkingSetBytes())),
                    AccuracySummary.percent(s.workingSetError()),
                    AccuracySummary.number(s.f1()),
                    AccuracySummary.number(s.correlation()),
                    AccuracySummary.percent(s.detection()),
                    remark(s)));
        }
        return b.append(c.summary().line()).append('\n').toString();
    }

    private static String remark(Score s) {
        List<String> words = new ArrayList<>();
        if (!s.passes()) {
            words.add("FAILS: " + s.fault());
        }
        if (s.snapshots() > 0 && !s.isPlaceDecided()) {
            words.add("place not decided: hot and cold memory share a recorded region");
        }
        if (s.passes() && s.notKnown() >= 0.0005) {
            words.add("when " + AccuracySummary.percent(s.notKnown()) + " was touched is not known");
        }
        return words.isEmpty() ? "passes" : String.join("; ", words);
    }

    /** The same for JSON. */
    public static Map<String, Object> json(Certificate c) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("passes", c.passes());
        json.put("line", c.summary().line());
        json.put("overall", json(c.overall()));
        json.put("patterns", c.scores().stream().map(CertificateReports::json).toList());
        return json;
    }

    private static Map<String, Object> json(Score s) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("pattern", s.pattern());
        json.put("passes", s.passes());
        json.put("fault", s.fault());
        json.put("snapshots", s.snapshots());
        json.put("touched_bytes", Math.round(s.meanWorkingSetBytes()));
        put(json, "wss_error", s.workingSetError());
        put(json, "f1", s.f1());
        put(json, "correlation", s.correlation());
        put(json, "detection", s.detection());
        put(json, "place_not_decided", s.undecided());
        put(json, "truth_not_known", s.notKnown());
        json.put("place_decided", s.isPlaceDecided());
        return json;
    }

    private static void put(Map<String, Object> json, String key, double value) {
        json.put(key, Double.isNaN(value) ? null : Math.round(value * 1e4) / 1e4);
    }
}
