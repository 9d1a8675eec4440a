package org.damson.analyzer.render.picture;

import java.awt.Color;

/** A perceptual ramp from deep violet over red and orange to pale yellow; lightness grows evenly. */
public final class Palette {
    private static final int[] STOPS = {
        0x1b1044, 0x3b0f70, 0x641a80, 0x8c2981, 0xb5367a, 0xde4968, 0xf66e5b, 0xfe9f6d, 0xfece91, 0xfcfdbf
    };

    private Palette() {}

    /** Colour of a level 0..1. */
    public static int rgb(double level) {
        double at = Math.max(0, Math.min(1, level)) * (STOPS.length - 1);
        int i = Math.min(STOPS.length - 2, (int) at);
        double f = at - i;
        return mix(16, i, f) | mix(8, i, f) | mix(0, i, f);
    }

    static Color color(double level) {
        return new Color(rgb(level));
    }

    private static int mix(int shift, int i, double f) {
        int a = STOPS[i] >> shift & 0xff;
        int b = STOPS[i + 1] >> shift & 0xff;
        return (int) Math.round(a + (b - a) * f) << shift;
    }
}
