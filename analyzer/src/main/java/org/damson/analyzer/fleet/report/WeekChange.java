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
 * How mean working sets of the last day that has one a week before differ from those of that, of hosts that were recorded on both.
 *
 * @param hosts how many were
 * @param beforeBytes mean over these hosts
 * @param changeBytes mean of the differences
 * @param lowBytes where the mean difference of hosts like these lies with a confidence of 95 %, NaN for a single host
 */
public record WeekChange(
        String from, String to, int hosts, double beforeBytes, double changeBytes, double lowBytes, double highBytes)
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
     * Null if no host was recorded on two days a week apart. A day that only clocks gone wrong tell of has no other a week before, and
     * hides none.
     *
     * @param figures in {@link TraceFigures#ORDER}
     */
    static WeekChange of(List<TraceFigures> figures) {
        TreeMap<LocalDate, Map<String, Mean>> days = days(figures);
        for (LocalDate last : days.descendingKeySet()) {
            Map<String, Mean> before = days.get(last.minusDays(WEEK));
            WeekChange change = before == null ? null : between(last, before, days.get(last));
            if (change != null) {
                return change;
            }
        }
        return null;
    }

    /** Null if no host is on both days. */
    private static WeekChange between(LocalDate last, Map<String, Mean> then, Map<String, Mean> now) {
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
        String first = last.minusDays(WEEK).toString();
        return new WeekChange(first, last.toString(), n, before / n, mean, interval[0], interval[1]);
    }

    /** The hosts of each day. */
    private static TreeMap<LocalDate, Map<String, Mean>> days(List<TraceFigures> figures) {
        TreeMap<LocalDate, Map<String, Mean>> days = new TreeMap<>();
        for (TraceFigures f : figures) {
            LocalDate day = day(f);
            if (day != null) {
                days.computeIfAbsent(day, d -> new TreeMap<>())
                        .computeIfAbsent(
                                f.origin().service() + '\0' + f.origin().host(), k -> new Mean())
                        .add(f);
            }
        }
        return days;
    }

    /** Null if it is not a date that has one a week before. */
    private static LocalDate day(TraceFigures f) {
        try {
            LocalDate day = LocalDate.parse(f.origin().day());
            return day.minusDays(WEEK).plusDays(WEEK);
        } catch (DateTimeException e) {
            return null;
        }
    }
}
