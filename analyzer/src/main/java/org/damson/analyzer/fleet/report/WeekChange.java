package org.damson.analyzer.fleet.report;

import java.io.Serializable;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.damson.analyzer.scan.Student;

/**
 * How mean working sets of the last day differ from those of a week before, of hosts that were recorded on both.
 *
 * @param hosts how many were
 * @param before bytes, mean over these hosts
 * @param mean of the differences, bytes
 * @param low where the mean difference of hosts like these lies with a confidence of 95 %, NaN for a single host
 */
public record WeekChange(String from, String to, int hosts, double before, double mean, double low, double high)
        implements Serializable {
    private static final long serialVersionUID = 1L;
    private static final int WEEK = 7;

    /** Mean working set of one host, weighted by time. */
    private static final class Mean {
        private double ns;
        private double wssNs;

        void add(TraceFigures f) {
            double weight = Math.max(1, f.recordedNs());
            ns += weight;
            wssNs += f.wssMean() * weight;
        }

        double value() {
            return wssNs / ns;
        }
    }

    /**
     * Null if no host was recorded on both days.
     *
     * @param figures in {@link TraceFigures#ORDER}
     */
    static WeekChange of(List<TraceFigures> figures) {
        LocalDate last = null;
        for (TraceFigures f : figures) {
            LocalDate day = day(f);
            if (day != null && (last == null || day.isAfter(last))) {
                last = day;
            }
        }
        if (last == null) {
            return null;
        }
        LocalDate first = last.minusDays(WEEK);
        Map<String, Mean> now = means(figures, last);
        Map<String, Mean> then = means(figures, first);
        List<Double> differences = new ArrayList<>();
        double before = 0;
        for (Map.Entry<String, Mean> host : now.entrySet()) {
            Mean old = then.get(host.getKey());
            if (old != null) {
                before += old.value();
                differences.add(host.getValue().value() - old.value());
            }
        }
        int n = differences.size();
        if (n == 0) {
            return null;
        }
        double[] interval = Student.interval(differences);
        double mean = differences.stream().mapToDouble(d -> d).sum() / n;
        return new WeekChange(first.toString(), last.toString(), n, before / n, mean, interval[0], interval[1]);
    }

    private static Map<String, Mean> means(List<TraceFigures> figures, LocalDate day) {
        Map<String, Mean> hosts = new TreeMap<>();
        for (TraceFigures f : figures) {
            if (day.equals(day(f))) {
                hosts.computeIfAbsent(f.origin().service() + '\0' + f.origin().host(), k -> new Mean())
                        .add(f);
            }
        }
        return hosts;
    }

    /** Null if it is no date. */
    private static LocalDate day(TraceFigures f) {
        try {
            return LocalDate.parse(f.origin().day());
        } catch (DateTimeException e) {
            return null;
        }
    }
}
