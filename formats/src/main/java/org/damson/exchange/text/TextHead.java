package org.damson.exchange.text;

import java.util.HashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What stands before an event's name in a line of text: when it was, and which thread it is of.
 *
 * <pre>
 *   kdamond.0-93      (     93) [001] .....   12.345678:                (tracefs; the thread group with record-tgid)
 *   kdamond.-93     1.....      12.345678:                              (latency format: the CPU is not in brackets)
 *   kdamond.0-168   [000]       12.345678: (+349)                       (trace-cmd report --ts-diff)
 *   kdamond.0 93/93 [001] U     12.345678:          1                   (perf script, here with the period)
 *   12.345 kdamond.0/93                                                 (perf trace, in milliseconds)
 * </pre>
 *
 * The name of the thread may hold anything. Where no thread is named by number, its name tells it apart.
 */
final class TextHead {
    private static final int MAX_NAMES = 1 << 12;
    private static final Pattern PERF_TRACE = Pattern.compile(
            "\\s*(\\d{1,15})\\.(\\d{3})\\s+(?:\\([^)]{0,40}\\):\\s+)?(?:(\\S.*)/(\\d{1,9})\\s+)?", Pattern.DOTALL);
    private static final Pattern TGID = Pattern.compile("\\(\\s*(?:\\d+|-+)\\)$");
    private static final Pattern LATENCY = Pattern.compile("\\d{1,5}[-.#*0-9a-zA-Z]{2,}");

    long timeNs;
    int tid;

    /** The processor, -1 if the line does not tell. */
    int cpu;

    /** Whether damo finds the time of the event, which it looks for in the third and the fourth word. */
    boolean damoFindsTime;

    private final Map<String, Integer> named = new HashMap<>();
    private String line;

    /** Threads that are told apart by their names. */
    int names() {
        return named.size();
    }

    /**
     * Reads the line up to {@code end}.
     *
     * @return false if nothing there is a time
     * @throws IllegalArgumentException if the time is there but cannot be one
     */
    boolean read(String text, int end) {
        line = text;
        int to = trim(end);
        for (int skipped = 0; skipped < 3 && to > 0; skipped++) {
            int from = wordBefore(to);
            if (isTime(from, to)) {
                time(from, to);
                int words = TextEvent.words(line, from, 4);
                damoFindsTime = words == 2 || words == 3;
                tid = thread(trim(from));
                return true;
            }
            if (!isBetween(from, to)) {
                return false;
            }
            to = trim(from);
        }
        return false;
    }

    /** Reads the line up to {@code end} as perf trace prints it; false if it does not. */
    boolean readPerfTrace(String text, int end) {
        Matcher m = PERF_TRACE.matcher(text).region(0, end);
        if (!m.matches()) {
            return false;
        }
        long us = Math.addExact(Math.multiplyExact(Long.parseLong(m.group(1)), 1000L), Long.parseLong(m.group(2)));
        timeNs = Math.multiplyExact(us, 1000L);
        tid = m.group(4) == null ? -1 : Integer.parseInt(m.group(4));
        damoFindsTime = false;
        cpu = -1;
        return true;
    }

    /** What may stand between the time and the name: a period, a difference of times, the colon of {@code 12us :}. */
    private boolean isBetween(int from, int to) {
        boolean difference = line.startsWith("(+", from) && line.charAt(to - 1) == ')';
        boolean colon = to - from == 1 && line.charAt(from) == ':';
        return difference || colon || digits(from, to) == to;
    }

    private boolean isTime(int from, int to) {
        char last = line.charAt(to - 1);
        return isDigit(line.charAt(from)) && (last == ':' || line.startsWith("us", digits(from, to)));
    }

    private void time(int from, int to) {
        int whole = digits(from, to);
        String seconds = line.substring(from, line.charAt(to - 1) == ':' ? to - 1 : to);
        if (line.startsWith("us", whole)) {
            timeNs = Math.multiplyExact(Long.parseLong(line.substring(from, whole)), 1000L);
            return;
        }
        int fraction = seconds.indexOf('.') + 1;
        if (fraction == 0 && whole == from + seconds.length()) {
            throw new IllegalArgumentException(
                    "time " + seconds + " counts ticks, and the text does not say how long one"
                            + " takes: a trace clock such as counter, uptime or x86-tsc, or trace-cmd report --raw-ts");
        }
        int places = seconds.length() - fraction;
        if (places < 1
                || places > 9
                || fraction != whole - from + 1
                || digits(from + fraction, to) != from + seconds.length()) {
            throw new IllegalArgumentException("time '" + seconds + "'");
        }
        long part = Long.parseLong(seconds.substring(fraction));
        for (int i = places; i < 9; i++) {
            part *= 10;
        }
        long s = Long.parseUnsignedLong(line.substring(from, whole));
        timeNs = Math.addExact(Math.multiplyExact(s, 1_000_000_000L), part);
    }

    private int thread(int end) {
        cpu = -1;
        int before = endOfThread(end);
        int number = numberBefore(before);
        if (number < 0 && before == end && end > 0) {
            int from = wordBefore(end);
            if (LATENCY.matcher(line).region(from, end).matches()) {
                cpu = Integer.parseInt(line.substring(from, digits(from, Math.min(end, from + 5))));
                before = trim(from);
                number = numberBefore(before);
            }
        }
        return number >= 0 ? number : byName(line.substring(0, before).strip());
    }

    /** Where the thread's name and number end: before the CPU in brackets, and the thread group before that. */
    private int endOfThread(int end) {
        int open = line.lastIndexOf('[', end - 1);
        int close = open < 0 ? -1 : digits(open + 1, end);
        if (open < 0 || close == open + 1 || close >= end || line.charAt(close) != ']') {
            return end;
        }
        int flags = TextEvent.words(line.substring(close + 1, end), end - close - 1, 2);
        if (flags > 1 || flags == 1 && digits(wordBefore(end), end) == end) {
            return end; // it is part of the name
        }
        cpu = close - open > 6 ? -1 : Integer.parseInt(line.substring(open + 1, close));
        int to = trim(open);
        Matcher tgid = TGID.matcher(line).region(0, to);
        return tgid.find() ? trim(tgid.start()) : to;
    }

    private int numberBefore(int to) {
        int from = to;
        while (from > 0 && isDigit(line.charAt(from - 1))) {
            from--;
        }
        boolean apart = from == 0 || "-/ \t".indexOf(line.charAt(from - 1)) >= 0;
        return from == to || to - from > 9 || !apart ? -1 : Integer.parseInt(line.substring(from, to));
    }

    /** A number that no thread has. */
    private int byName(String name) {
        if (name.isEmpty()) {
            return -1;
        }
        if (named.size() == MAX_NAMES && !named.containsKey(name)) {
            throw new IllegalArgumentException("more than " + MAX_NAMES + " names of threads");
        }
        return named.computeIfAbsent(name, n -> Integer.MIN_VALUE + named.size());
    }

    private int wordBefore(int to) {
        int from = to;
        while (from > 0 && !TextEvent.isBlank(line.charAt(from - 1))) {
            from--;
        }
        return from;
    }

    private int trim(int end) {
        int to = end;
        while (to > 0 && TextEvent.isBlank(line.charAt(to - 1))) {
            to--;
        }
        return to;
    }

    /** Where the digits from here on end. */
    private int digits(int from, int to) {
        int at = from;
        while (at < to && isDigit(line.charAt(at))) {
            at++;
        }
        return at;
    }

    private static boolean isDigit(char c) {
        return c >= '0' && c <= '9';
    }
}
