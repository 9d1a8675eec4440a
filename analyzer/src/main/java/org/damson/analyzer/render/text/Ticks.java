package org.damson.analyzer.render.text;

import java.util.Locale;

/** Round numbers for axes. */
public final class Ticks {
    private Ticks() {}

    /** 1, 2 or 5 times a power of ten, so that {@code range} has at most {@code most} steps. */
    public static double decimal(double range, int most) {
        double power = Math.pow(10, Math.floor(Math.log10(range / most)));
        for (double f : new double[] {1, 2, 5}) {
            if (range / (power * f) <= most) {
                return power * f;
            }
        }
        return power * 10;
    }

    /** A power of two from a page up, so that {@code bytes} has at most {@code most} steps. */
    public static double binary(double bytes, int most) {
        double step = 4096;
        while (bytes / step > most) {
            step *= 2;
        }
        return step;
    }

    /** {@code v} with the decimals that {@code step} needs. */
    public static String number(double v, double step) {
        int decimals = (int) Math.max(0, Math.ceil(-Math.log10(step) - 1e-9));
        return String.format(Locale.ROOT, "%." + decimals + "f", v);
    }
}
