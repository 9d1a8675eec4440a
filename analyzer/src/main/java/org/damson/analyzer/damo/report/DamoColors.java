package org.damson.analyzer.damo.report;

import java.util.Map;

/** The three colour sets of damo's terminal pictures: background and foreground of each of ten levels. */
public final class DamoColors {
    public static final int MAX_LEVEL = 9;
    static final String END = "\u001b[0m";
    private static final int[] BRIGHTENING = {239, 235, 237, 239, 243, 245, 247, 249, 251, 255};
    private static final Map<String, int[][]> SETS = Map.of(
            "gray",
            new int[][] {
                {232, 232, 232, 232, 232, 232, 232, 232, 232, 232}, {237, 239, 241, 243, 245, 247, 249, 251, 253, 255}
            },
            "flame",
            new int[][] {{232, 1, 1, 2, 3, 3, 20, 21, 26, 27, 27}, BRIGHTENING},
            "emotion",
            new int[][] {{232, 234, 20, 21, 26, 2, 3, 1, 1, 1}, BRIGHTENING});

    private DamoColors() {}

    static String start(String set, int level) {
        int[][] colors = SETS.get(set);
        return "\u001b[48;5;" + colors[0][level] + "m\u001b[38;5;" + colors[1][level] + "m";
    }

    public static String colored(String text, String set, int level) {
        return start(set, level) + text + END;
    }

    public static String samples(String set) {
        StringBuilder b = new StringBuilder();
        for (int level = 0; level <= MAX_LEVEL; level++) {
            b.append(start(set, level)).append(level);
        }
        return b.append(END).toString();
    }
}
