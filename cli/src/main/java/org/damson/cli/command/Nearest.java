package org.damson.cli.command;

import java.util.Collection;

/** Finds what somebody probably meant. */
public final class Nearest {
    private Nearest() {}

    /** The candidate closest to {@code word}, or null if none is close. */
    public static String to(String word, Collection<String> candidates) {
        String best = null;
        int bestDistance = Math.max(1, word.length() / 3) + 1;
        for (String candidate : candidates) {
            if (Math.abs(word.length() - candidate.length()) >= bestDistance) {
                continue; // so many edits it takes at least
            }
            int d = distance(word, candidate);
            if (d < bestDistance) {
                bestDistance = d;
                best = candidate;
            }
        }
        if (best == null && word.length() >= 2) {
            for (String candidate : candidates) {
                if (candidate.startsWith(word)) {
                    return candidate;
                }
            }
        }
        return best;
    }

    /** A suggestion for the end of a message; {@code nearest} may be null. */
    public static String meant(String nearest, String prefix) {
        return nearest == null ? "" : " (did you mean '" + prefix + nearest + "'?)";
    }

    /** Edits between two words; swapping neighbours is one edit, as in {@code recrod}. */
    public static int distance(String a, String b) {
        int[][] d = new int[a.length() + 1][b.length() + 1];
        for (int i = 0; i <= a.length(); i++) {
            for (int j = 0; j <= b.length(); j++) {
                if (i == 0 || j == 0) {
                    d[i][j] = i + j;
                    continue;
                }
                int change = a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1;
                d[i][j] = Math.min(d[i - 1][j - 1] + change, 1 + Math.min(d[i - 1][j], d[i][j - 1]));
                if (i > 1 && j > 1 && a.charAt(i - 1) == b.charAt(j - 2) && a.charAt(i - 2) == b.charAt(j - 1)) {
                    d[i][j] = Math.min(d[i][j], d[i - 2][j - 2] + 1);
                }
            }
        }
        return d[a.length()][b.length()];
    }
}
