package org.damson.analyzer.damo.access;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import org.damson.analyzer.damo.DamoRegion;
import org.damson.analyzer.damo.DamoSnapshot;
import org.damson.analyzer.damo.DamoText;
import org.damson.analyzer.damo.Num;

/** Histograms and percentiles of a snapshot's bytes by temperature or by idle time. */
final class AccessHistogram {
    /** What bytes are counted by. */
    interface Metric {
        Num of(DamoRegion r);

        String text(Num value, boolean raw);

        Num parse(String text);
    }

    private static final int BAR = 20;
    private final AccessOptions options;

    AccessHistogram(AccessOptions options) {
        this.options = options;
    }

    Metric temperature() {
        return new Metric() {
            @Override
            public Num of(DamoRegion r) {
                return options.temperatureOfPages(r);
            }

            @Override
            public String text(Num value, boolean raw) {
                return DamoText.nr(value, raw);
            }

            @Override
            public Num parse(String text) {
                return DamoText.parseNr(text);
            }
        };
    }

    /** For how long a region has not been accessed: its age and the interval that found it so, or nothing. */
    Metric idleTime(Num aggrUs) {
        return new Metric() {
            @Override
            public Num of(DamoRegion r) {
                return options.isUsed(r) ? Num.ZERO : r.ageUs.plus(aggrUs);
            }

            @Override
            public String text(Num value, boolean raw) {
                return DamoText.timeUs(value, raw);
            }

            @Override
            public Num parse(String text) {
                return DamoText.parseUs(text);
            }
        };
    }

    /** Bytes of a range of values. */
    record Bucket(String range, Num bytes) {}

    String histogram(DamoSnapshot s, Metric metric, Function<DamoRegion, Num> bytes) {
        return s.regions.isEmpty() ? "no region in snapshot" : bars(buckets(s, metric, bytes));
    }

    List<Bucket> buckets(DamoSnapshot s, Metric metric, Function<DamoRegion, Num> bytes) {
        if (s.regions.isEmpty()) {
            return List.of();
        }
        TreeMap<Num, Num> counts = new TreeMap<>();
        for (DamoRegion r : s.regions) {
            counts.merge(metric.of(r), bytes.apply(r), Num::plus);
        }
        List<Bucket> buckets = new ArrayList<>();
        for (Num[] range : ranges(counts.firstKey(), counts.lastKey(), metric)) {
            Num sum = Num.ZERO;
            if (range[0].less(range[1])) {
                for (Map.Entry<Num, Num> e :
                        counts.subMap(range[0], true, range[1], false).entrySet()) {
                    sum = sum.plus(e.getValue());
                }
            }
            buckets.add(new Bucket(
                    "[" + metric.text(range[0], options.raw) + ", " + metric.text(range[1], options.raw) + ")", sum));
        }
        return buckets;
    }

    private List<Num[]> ranges(Num min, Num max, Metric metric) {
        List<Num[]> ranges = new ArrayList<>();
        if (options.histRanges != null) {
            for (int i = 0; i + 1 < options.histRanges.size(); i += 2) {
                ranges.add(
                        new Num[] {metric.parse(options.histRanges.get(i)), metric.parse(options.histRanges.get(i + 1))
                        });
            }
            return ranges;
        }
        if (!options.histLogscale) {
            Num interval = Num.max(max.plus(Num.of(1)).minus(min).over(10).ceiled(), Num.of(1));
            for (int i = 0; i < 10; i++) {
                Num from = options.histCumulate ? min : min.plus(interval.times(i));
                ranges.add(new Num[] {from, min.plus(interval.times(i + 1))});
            }
            return ranges;
        }
        Num first = Num.max(max.minus(min).over(1 << 10).truncated(), Num.of(1));
        ranges.add(new Num[] {min, min.plus(first)});
        // damo stops where the last range ends at the greatest value, which is then in none.
        while (ranges.get(ranges.size() - 1)[1].compareTo(max) < (options.compat ? 0 : 1)) {
            Num[] last = ranges.get(ranges.size() - 1);
            Num from = options.histCumulate ? min : last[1];
            ranges.add(new Num[] {from, last[1].plus(last[1].minus(last[0]).times(2))});
        }
        return ranges;
    }

    private String bars(List<Bucket> buckets) {
        if (buckets.isEmpty()) {
            return "no range";
        }
        List<String> ranges = buckets.stream().map(Bucket::range).toList();
        List<Num> sums = buckets.stream().map(Bucket::bytes).toList();
        Num min = sums.get(0);
        Num max = sums.get(0);
        int rangeWidth = 0;
        int sumWidth = 0;
        List<String> sumTexts = new ArrayList<>();
        for (int i = 0; i < sums.size(); i++) {
            min = Num.min(min, sums.get(i));
            max = Num.max(max, sums.get(i));
            sumTexts.add(DamoText.sz(sums.get(i), options.raw));
            rangeWidth = Math.max(rangeWidth, ranges.get(i).length());
            sumWidth = Math.max(sumWidth, sumTexts.get(i).length());
        }
        Num perDot = Num.max(max.minus(min).over(BAR).truncated(), Num.of(1));
        List<String> lines = new ArrayList<>();
        for (int i = 0; i < sums.size(); i++) {
            Num dots = Num.min(sums.get(i).minus(min).over(perDot).ceiled(), Num.of(BAR));
            lines.add(DamoText.left(ranges.get(i), rangeWidth) + " " + DamoText.left(sumTexts.get(i), sumWidth) + " "
                    + bar(dots.toInt()));
        }
        return String.join("\n", lines);
    }

    private static String bar(int dots) {
        return "|" + "*".repeat(Math.max(0, dots)) + " ".repeat(Math.max(0, BAR - dots)) + "|";
    }

    String percentiles(DamoSnapshot s, Metric metric, boolean passedOnly, String head) {
        if (s.regions.isEmpty()) {
            return "no region in snapshot";
        }
        Function<DamoRegion, Num> bytes = passedOnly ? r -> r.filterPassed : DamoRegion::size;
        List<DamoRegion> regions = new ArrayList<>(s.regions);
        regions.sort(Comparator.comparing(metric::of));
        Num total = Num.ZERO;
        for (DamoRegion r : regions) {
            total = total.plus(bytes.apply(r));
        }
        List<Integer> wanted = new ArrayList<>(options.percentiles);
        List<String> names = new ArrayList<>();
        List<Num> values = new ArrayList<>();
        if (total.signum() == 0) {
            return head + "\nno bytes passed the filters";
        }
        Reached reached = new Reached(total, options.compat);
        Num last = null;
        for (DamoRegion r : regions) {
            last = metric.of(r);
            reached.add(bytes.apply(r));
            while (!wanted.isEmpty() && reached.has(wanted.get(0))) {
                names.add(wanted.remove(0).toString());
                values.add(last);
            }
            if (reached.has(100)) {
                break;
            }
        }
        if (wanted.contains(100)) {
            names.add("100");
            values.add(last);
        }
        return values.isEmpty() ? head : head + "\n" + percentileBars(names, values, metric);
    }

    /** How much of the bytes is reached. damo adds up percentages, which may round below one that is reached exactly. */
    private static final class Reached {
        private final Num total;
        private final boolean addsPercentages;
        private Num sum = Num.ZERO;

        Reached(Num total, boolean addsPercentages) {
            this.total = total;
            this.addsPercentages = addsPercentages;
        }

        void add(Num bytes) {
            sum = sum.plus(addsPercentages ? bytes.times(100).over(total) : bytes.times(100));
        }

        boolean has(int percent) {
            return !sum.less(addsPercentages ? Num.of(percent) : total.times(percent));
        }
    }

    private String percentileBars(List<String> names, List<Num> values, Metric metric) {
        int nameWidth = 0;
        int valueWidth = 0;
        List<String> texts = new ArrayList<>();
        for (int i = 0; i < values.size(); i++) {
            texts.add(metric.text(values.get(i), options.raw));
            nameWidth = Math.max(nameWidth, names.get(i).length());
            valueWidth = Math.max(valueWidth, texts.get(i).length());
        }
        Num min = values.get(0);
        Num max = values.get(values.size() - 1);
        Num perDot = min.equals(max) ? Num.of(1) : max.minus(min).over(BAR);
        List<String> lines = new ArrayList<>();
        for (int i = 0; i < values.size(); i++) {
            int dots = values.get(i).minus(min).over(perDot).toInt();
            lines.add(DamoText.right(names.get(i), nameWidth) + "  " + DamoText.right(texts.get(i), valueWidth) + "  "
                    + bar(dots));
        }
        return String.join("\n", lines);
    }
}
