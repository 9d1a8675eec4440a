package org.damson.exchange;

import java.util.HashMap;
import java.util.Map;

/**
 * One {@code damon:*} line of {@code trace_pipe}, {@code perf script} or {@code trace-cmd report}.
 *
 * <pre>
 *   kdamond.0-93      [001] .....   12.345678: damon_aggregated: target_id=0 nr_regions=2 4096-8192: 3 7
 *   kdamond.0    93 [001]   12.345678: damon:damon_aggregated: target_id=0 ...
 * </pre>
 *
 * The name of the thread may hold spaces, the flags column may be missing: what counts is the last {@code [cpu]} before
 * the time, and the time before the event.
 */
final class TextEvent {
    String event;

    /** Thread id of the kdamond, -1 if the line does not say. */
    int tid;

    long timeNs;
    final Map<String, String> fields = new HashMap<>();
    boolean hasRegion;
    long start;
    long end;
    int nrAccesses;

    /** -1 on kernels that do not report it. */
    int age;

    /**
     * Reads one line.
     *
     * @return false if the line is no DAMON event
     * @throws IllegalArgumentException if it is one, but not a whole one
     */
    boolean parse(String line) {
        int at = line.indexOf("damon");
        while (at >= 0) {
            int colon = line.indexOf(':', at);
            if (colon < 0) {
                return false;
            }
            String word = line.substring(at, colon);
            boolean spaced =
                    at > 0 && (line.charAt(at - 1) == ' ' || line.charAt(at - 1) == ':' || line.charAt(at - 1) == '\t');
            if (spaced && word.matches("damo[ns]_[a-z_]+")) {
                return parseAt(line, at, colon);
            }
            at = next(line, at);
        }
        at = line.indexOf(" damos_");
        return at >= 0 && line.indexOf(':', at) > 0 && parseAt(line, at + 1, line.indexOf(':', at));
    }

    private static int next(String line, int at) {
        return line.indexOf("damon", at + 1);
    }

    private boolean parseAt(String line, int at, int colon) {
        event = line.substring(at, colon);
        String head = line.substring(0, at).trim();
        if (head.endsWith("damon:")) {
            head = head.substring(0, head.length() - 6).trim();
        }
        int space = Math.max(head.lastIndexOf(' '), head.lastIndexOf('\t'));
        if (!head.endsWith(":") || space < 0) {
            return false;
        }
        timeNs = nanoseconds(head.substring(space + 1, head.length() - 1));
        tid = threadOf(head.substring(0, space));
        parseArguments(line.substring(colon + 1).trim());
        return true;
    }

    private static long nanoseconds(String seconds) {
        int dot = seconds.indexOf('.');
        String fraction = dot < 0 ? "" : seconds.substring(dot + 1);
        if (fraction.length() > 9) {
            throw new IllegalArgumentException("time '" + seconds + "'");
        }
        long whole = Long.parseLong(dot < 0 ? seconds : seconds.substring(0, dot));
        long part = fraction.isEmpty() ? 0 : Long.parseLong(fraction);
        for (int i = fraction.length(); i < 9; i++) {
            part *= 10;
        }
        return Math.addExact(Math.multiplyExact(whole, 1_000_000_000L), part);
    }

    private static int threadOf(String head) {
        int bracket = head.lastIndexOf('[');
        String before = (bracket < 0 ? head : head.substring(0, bracket)).trim();
        int i = before.length();
        while (i > 0 && Character.isDigit(before.charAt(i - 1))) {
            i--;
        }
        String digits = before.substring(i);
        return digits.isEmpty() || digits.length() > 9 ? -1 : Integer.parseInt(digits);
    }

    private void parseArguments(String text) {
        fields.clear();
        hasRegion = false;
        age = -1;
        String[] words = text.split("\\s+");
        for (int i = 0; i < words.length; i++) {
            String w = words[i];
            int equals = w.indexOf('=');
            if (equals > 0) {
                fields.put(w.substring(0, equals), w.substring(equals + 1));
            } else if (w.endsWith(":") && w.indexOf('-') > 0) {
                int dash = w.indexOf('-');
                start = Long.parseUnsignedLong(w.substring(0, dash));
                end = Long.parseUnsignedLong(w.substring(dash + 1, w.length() - 1));
                nrAccesses = Integer.parseInt(words[i + 1]);
                age = i + 2 < words.length && words[i + 2].indexOf('=') < 0 ? Integer.parseInt(words[i + 2]) : -1;
                hasRegion = true;
                i += age < 0 ? 1 : 2;
            }
        }
        if (hasRegion && (start == end || Long.compareUnsigned(start, end - 1) > 0)) {
            throw new IllegalArgumentException("empty region " + start + "-" + end);
        }
    }

    long number(String field) {
        String value = fields.get(field);
        if (value == null) {
            throw new IllegalArgumentException("no " + field);
        }
        return Long.parseUnsignedLong(value);
    }
}
