package org.damson.analyzer.damo.access;

import java.io.IOException;
import java.util.List;
import org.damson.analyzer.damo.DamoRecord;
import org.damson.analyzer.damo.DamoRegion;
import org.damson.analyzer.damo.DamoText;
import org.damson.analyzer.damo.Num;
import org.damson.analyzer.damo.report.DamoColors;

/**
 * A region as a coloured box: length, colour and height stand for age, access rate and size, or as the user says; what stands
 * for nothing is the least.
 */
final class RegionBox {
    private record Extent(Num min, Num max) {
        Extent with(Num n) {
            return new Extent(Num.min(min, n), Num.max(max, n));
        }

        static Extent of(Extent e, Num n) {
            return e == null ? new Extent(n, n) : e.with(n);
        }
    }

    private final AccessOptions o;
    private Extent sizes;
    private Extent rates;
    private Extent ages;

    RegionBox(AccessOptions options) {
        o = options;
    }

    /** Learns the extremes that the boxes' measures span. */
    void learn(List<DamoRecord> records) throws IOException {
        for (DamoRecord record : records) {
            record.forEach(s -> {
                AccessReport.fillUnits(s, record, o);
                for (DamoRegion r : s.regions) {
                    sizes = Extent.of(sizes, r.size());
                    rates = Extent.of(rates, r.percent);
                    ages = Extent.of(ages, r.ageUs);
                }
            });
        }
    }

    private static Num value(DamoRegion r, String what) {
        return switch (what) {
            case "size" -> r.size();
            case "access_rate" -> r.percent;
            case "age" -> r.ageUs;
            default -> Num.ZERO;
        };
    }

    private Extent extent(String what) {
        Extent e =
                switch (what) {
                    case "size" -> sizes;
                    case "access_rate" -> rates;
                    case "age" -> ages;
                    default -> null;
                };
        return e == null ? new Extent(Num.ZERO, Num.ZERO) : e;
    }

    private int scaled(DamoRegion r, int which, int from, int to) {
        String what = o.boxValues.get(which);
        Extent e = extent(what);
        boolean log = o.boxLogscale.get(which);
        double value = scale(value(r, what), log);
        double min = scale(e.min(), log);
        double max = scale(e.max(), log);
        double ratio = max - min > 0 ? (to - from) / (max - min) : 1;
        return (int) ((value - min) * ratio + from);
    }

    private static double scale(Num n, boolean log) {
        return !log ? n.toDouble() : n.signum() > 0 ? StrictMath.log(n.toDouble()) / StrictMath.log(2) : 0;
    }

    String of(DamoRegion r) {
        int length = scaled(r, 0, o.boxLength[0], o.boxLength[1]);
        int color = Math.min(DamoColors.MAX_LEVEL, scaled(r, 1, 0, DamoColors.MAX_LEVEL));
        int height = scaled(r, 2, o.boxHeight[0], o.boxHeight[1]);
        String row = "|" + DamoColors.colored(Integer.toString(color).repeat(Math.max(0, length)), o.boxColorset, color)
                + "|";
        if (o.boxRight) {
            row = " ".repeat(Math.max(0, o.boxLength[1] - length)) + row;
        }
        String box = String.join("\n", java.util.Collections.nCopies(Math.max(0, height), row));
        return o.boxHeight[1] > 1 ? box + "\n" : box;
    }

    String description() {
        return describe("length", 0, o.boxLength[0], o.boxLength[1], "columns") + "\n"
                + describe(
                        "color",
                        1,
                        0,
                        DamoColors.MAX_LEVEL,
                        "number and color (" + DamoColors.samples(o.boxColorset) + ")")
                + "\n" + describe("height", 2, o.boxHeight[0], o.boxHeight[1], "rows");
    }

    private String describe(String name, int which, int from, int to, String by) {
        String what = o.boxValues.get(which);
        if (what.equals("none")) {
            return "# " + name + ": none";
        }
        Extent e = extent(what);
        String range =
                switch (what) {
                    case "size" -> "[" + DamoText.sz(e.min(), o.raw) + ", " + DamoText.sz(e.max(), o.raw) + "]";
                    case "age" -> "[" + DamoText.timeUs(e.min(), o.raw) + ", " + DamoText.timeUs(e.max(), o.raw) + "] ";
                    default -> "[" + DamoText.percent(e.min(), o.raw) + ", " + DamoText.percent(e.max(), o.raw) + "]";
                };
        return "# " + name + ": " + what + " (represents " + range + " with [" + from + ", " + to + "] " + by + " in "
                + (o.boxLogscale.get(which) ? "logscale" : "linearscale") + ")";
    }
}
