package org.damson.analyzer.damo.report;

import java.util.List;
import java.util.function.Function;
import org.damson.analyzer.damo.DamoText;
import org.damson.analyzer.damo.Num;
import org.damson.model.InvalidInputException;

/** A distribution as damo prints it: a line per percentile, with a bar. */
final class DamoDistribution {
    /**
     * How to print.
     *
     * @param all every value instead of percentiles
     * @param barColumns width of the bar; 0 = none
     */
    record Style(List<Integer> percentiles, boolean all, boolean raw, int barColumns) {}

    private DamoDistribution() {}

    static String text(String metric, List<Num> values, Style style, Function<Num, String> format) {
        StringBuilder b = new StringBuilder("# <percentile> <" + metric + ">");
        if (values.isEmpty()) {
            return b.append("\n# no snapshot").toString();
        }
        Num sum = Num.ZERO;
        for (Num v : values) {
            sum = sum.plus(v);
        }
        b.append("\n# avr:\t").append(format.apply(sum.over(values.size())));
        if (style.all()) {
            for (int i = 0; i < values.size(); i++) {
                b.append('\n').append(i).append(' ').append(format.apply(values.get(i)));
            }
            return b.toString();
        }
        Num perColumn = Num.of(1);
        if (style.barColumns() > 0) {
            Num max = Num.ZERO;
            for (int p : style.percentiles()) {
                max = Num.max(max, at(values, p));
            }
            perColumn = max.signum() > 0 ? max.over(style.barColumns()) : perColumn;
        }
        for (int p : style.percentiles()) {
            Num v = at(values, p);
            b.append('\n')
                    .append(DamoText.right(Integer.toString(p), 3))
                    .append(' ')
                    .append(DamoText.right(format.apply(v), 15));
            if (style.barColumns() > 0) {
                int columns = v.over(perColumn).toInt();
                b.append(" |")
                        .append("*".repeat(Math.max(0, columns)))
                        .append(" ".repeat(Math.max(0, style.barColumns() - columns)))
                        .append('|');
            }
        }
        return b.toString();
    }

    /**
     * The value at a percentile.
     *
     * @throws InvalidInputException above 100
     */
    static Num at(List<Num> values, int percentile) {
        int index = (int) (percentile / 100.0 * values.size());
        if (index < 0 || index > values.size()) {
            throw new InvalidInputException("percentile " + percentile + " is not in 0..100");
        }
        return values.get(Math.min(index, values.size() - 1));
    }
}
