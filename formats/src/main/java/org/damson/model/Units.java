package org.damson.model;

import java.util.Locale;

/** The one place where numbers become text for people, and back. */
public final class Units {
    private static final String[] SIZES = {"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};

    /** Locale of numbers: formats like the root locale, but does not make Java load its locale data. */
    public static final Locale NUMBERS = Locale.US;

    private Units() {}

    /** A size for people: {@code 1536} is {@code 1.5 KiB}; three significant decimals at most, trailing zeros cut. */
    public static String bytes(long sizeBytes) {
        if (sizeBytes < 0) {
            return "-" + bytes(sizeBytes == Long.MIN_VALUE ? Long.MAX_VALUE : -sizeBytes);
        }
        double v = sizeBytes;
        int u = 0;
        while (v >= 1024 && u < SIZES.length - 1) {
            v /= 1024;
            u++;
        }
        return number(v) + " " + SIZES[u];
    }

    /** A duration for people: {@code 5_000_000} is {@code 5 ms}. */
    public static String duration(long ns) {
        if (ns < 0) {
            return "-" + duration(ns == Long.MIN_VALUE ? Long.MAX_VALUE : -ns);
        }
        if (ns < 1_000) {
            return ns + " ns";
        }
        if (ns < 1_000_000) {
            return number(ns / 1e3) + " us";
        }
        if (ns < 1_000_000_000) {
            return number(ns / 1e6) + " ms";
        }
        if (ns < 60_000_000_000L) {
            return number(ns / 1e9) + " s";
        }
        long s = ns / 1_000_000_000;
        if (s < 3600) {
            return s / 60 + " m " + s % 60 + " s";
        }
        return s / 3600 + " h " + s % 3600 / 60 + " m";
    }

    /** A count with thousands separators. */
    public static String count(long n) {
        return String.format(NUMBERS, "%,d", n);
    }

    /**
     * A count and what is counted: {@code 1 snapshot}, {@code 1,200 snapshots}.
     *
     * @param noun its singular, of a plural in "s"
     */
    public static String count(long n, String noun) {
        return count(n) + " " + noun + (n == 1 ? "" : "s");
    }

    /**
     * A count, what is counted and the verb: {@code 1 snapshot is}, {@code 1,200 snapshots are}.
     *
     * @param verb of a single one: {@code is}, {@code was} or {@code has}
     */
    public static String count(long n, String noun, String verb) {
        String plural =
                switch (verb) {
                    case "is" -> "are";
                    case "was" -> "were";
                    case "has" -> "have";
                    default -> throw new IllegalArgumentException(verb);
                };
        return count(n, noun) + " " + (n == 1 ? verb : plural);
    }

    /** An address: lower-case hexadecimal with {@code 0x}. */
    public static String address(long addr) {
        return "0x" + Long.toHexString(addr);
    }

    /**
     * Reads a size: {@code 4096}, {@code 4K}, {@code 1.5 GiB}, {@code max}; all units are powers of 1024.
     *
     * @throws InvalidInputException naming the text if it is none
     */
    public static long parseBytes(String text) {
        String t = text.trim();
        if (t.equalsIgnoreCase("max")) {
            return Long.MAX_VALUE;
        }
        String digits = numberPart(t);
        String unit = t.substring(digits.length()).trim().toUpperCase(Locale.ROOT);
        int power =
                switch (unit) {
                    case "", "B" -> 0;
                    case "K", "KB", "KIB" -> 1;
                    case "M", "MB", "MIB" -> 2;
                    case "G", "GB", "GIB" -> 3;
                    case "T", "TB", "TIB" -> 4;
                    case "P", "PB", "PIB" -> 5;
                    case "E", "EB", "EIB" -> 6;
                    default ->
                        throw new InvalidInputException(
                                "not a size: '" + text + "' (use a number with B, K, M, G, T, P or E)");
                };
        return scale(digits, Math.pow(1024, power), text, "a size");
    }

    /**
     * Reads a duration into nanoseconds: {@code 5ms}, {@code 2 s}, {@code 1m}, {@code 1h}; a unit is required.
     *
     * @throws InvalidInputException naming the text if it is none
     */
    public static long parseDurationNs(String text) {
        String t = text.trim();
        String digits = numberPart(t);
        String unit = t.substring(digits.length()).trim().toLowerCase(Locale.ROOT);
        double factor =
                switch (unit) {
                    case "ns" -> 1;
                    case "us", "µs" -> 1e3;
                    case "ms" -> 1e6;
                    case "s" -> 1e9;
                    case "m", "min" -> 60e9;
                    case "h" -> 3600e9;
                    case "d" -> 86400e9;
                    default ->
                        throw new InvalidInputException(
                                "not a duration: '" + text + "'" + (unit.isEmpty() ? " has no unit" : "")
                                        + " (use a number with ns, us, ms, s, m, h or d)");
                };
        return scale(digits, factor, text, "a duration");
    }

    private static String numberPart(String t) {
        int i = 0;
        while (i < t.length() && (Character.isDigit(t.charAt(i)) || t.charAt(i) == '.')) {
            i++;
        }
        return t.substring(0, i);
    }

    private static long scale(String digits, double factor, String text, String what) {
        try {
            double v = Double.parseDouble(digits) * factor;
            if (v >= 9.2e18) {
                throw new InvalidInputException("too large for " + what + ": '" + text + "'");
            }
            return digits.indexOf('.') < 0 && factor >= 1
                    ? Math.multiplyExact(Long.parseLong(digits), (long) factor)
                    : Math.round(v);
        } catch (NumberFormatException | ArithmeticException e) {
            throw new InvalidInputException("not " + what + ": '" + text + "'", e);
        }
    }

    private static String number(double v) {
        String s = String.format(NUMBERS, "%.3f", v);
        int end = s.length();
        while (s.charAt(end - 1) == '0') {
            end--;
        }
        if (s.charAt(end - 1) == '.') {
            end--;
        }
        return s.substring(0, end);
    }
}
