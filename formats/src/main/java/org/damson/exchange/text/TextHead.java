package org.damson.exchange.text;

import java.util.HashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.damson.model.InvalidInputException;

/**
 * What stands before an event's name in a line of text: when it was, and which thread it is of.
 *
 * <pre>
 *   kdamond.0-93      (     93) [001] .....   12.345678:                (tracefs; the thread group with record-tgid)
 *   kdamond.-93     1.....      12.345678:                              (latency format: the CPU is not in brackets)
 *   kdamond.0-168   [000]       12.345678: (+349)                       (trace-cmd report --ts-diff)
 *   kdamond.0 93/93 [001] U     12.345678:          1                   (perf script, here with the period)
 *   kdamond.0 93 [001] 2026-11-30 15:38:00.123456 12.345678:            (perf script -F +tod)
 *       kdamond.0      93   1 0 00000000 0000001f [00bc614e] 12345.678ms (+0.001ms):   (latency format, verbose)
 *   kdamond.    93   1    12.345678:                                    (perf script -L: the CPU is not in brackets)
 *   a.dat:   kdamond.0-93 [001] 12.345678:                              (trace-cmd report -i a.dat -i b.dat)
 *   12.345 kdamond.0/93                                                 (perf trace, in milliseconds)
 *   [   12.345678] [   T93]                                             (the kernel's log, with tp_printk)
 * </pre>
 *
 * The name of the thread may hold anything. Where no thread is named by number, its name distinguishes it.
 */
final class TextHead {
    private static final int MAX_NAMES = 1 << 12;
    private static final Pattern PERF_TRACE = Pattern.compile(
            "\\s*(\\d{1,15})\\.(\\d{3})\\s+(?:\\([^)]{0,40}\\):\\s+)?(?:(\\S.*)/(\\d{1,10})\\s+)?", Pattern.DOTALL);
    private static final Pattern VERBOSE = Pattern.compile(
            "\\s*(\\S.*?)\\s+(\\d{1,9})\\s+(\\d{1,5})\\s+\\d+\\s+[0-9a-f]+\\s+[0-9a-f]+\\s+\\[[0-9a-f]+]"
                    + "\\s+(\\d{1,15})\\.(\\d{3})ms\\s+\\(\\+\\d+\\.\\d{3}ms\\):\\s*",
            Pattern.DOTALL);
    private static final Pattern KERNEL_LOG = Pattern.compile(
            "(?:.*\\s|<\\d{1,3}>)?\\[\\s*(\\d{1,10})\\.(\\d{6})](?:\\s?\\[\\s*(?:T(\\d{1,9})|C\\d{1,5})])?\\s+"
                    + "(?:\\S+ kernel: +)?",
            Pattern.DOTALL);
    /** The columns of perf script -L: eight or more of the name, five or more of the thread, three or more of the CPU. */
    private static final Pattern PERF_LATENCY = Pattern.compile(
            "\\A(.{7}\\S {1,5}\\d{1,9}(?:/\\d{1,9} *)?) ( {2}\\d| \\d\\d|\\d{3,5}) (?= *\\d{1,10}\\.(?:\\d{6}|\\d{9}):)");
    /** Prefix that tells of which of several recordings a line is. */
    private static final Pattern OF_RECORDING = Pattern.compile("\\s*([^\\s:]+):\\s+(?=\\S)");

    private static final Pattern TIME_OF_DAY = Pattern.compile("\\d\\d:\\d\\d:\\d\\d");
    private static final Pattern DATED = Pattern.compile("\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d\\.\\d{6,9}$");
    private static final Pattern TGID = Pattern.compile("\\(\\s*(?:\\d+|-+)\\)$");
    private static final Pattern LATENCY = Pattern.compile("\\d{1,5}[-.#*0-9a-zA-Z]{2,}");

    long timeNs;
    int tid;

    /** The processor, -1 if the line does not say. */
    int cpu;

    /** Whether damo finds the time of the event, which it expects in the third or fourth word. */
    boolean damoFindsTime;

    private final Map<String, Integer> named = new HashMap<>();

    /** Threads of recordings other than the first, which may reuse thread numbers. */
    private final Map<String, Integer> ofOthers = new HashMap<>();

    private String first;
    private String line;

    /** Threads that are told apart by name. */
    int names() {
        return named.size();
    }

    /** Whether the text holds several recordings, whose threads are kept apart. */
    boolean isOfSeveral() {
        return !ofOthers.isEmpty();
    }

    /** The line with the CPU in brackets if it comes from {@code perf script -L}; else unchanged. */
    static String withCpuInBrackets(String line) {
        Matcher m = PERF_LATENCY.matcher(line);
        return m.find() ? m.group(1) + " [" + m.group(2).strip() + "] " + line.substring(m.end()) : line;
    }

    /**
     * Reads the line up to {@code end}.
     *
     * @return false if nothing there is a time
     * @throws InvalidInputException if the time is there but cannot be one
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
                tid = thread(undated(trim(from)));
                return true;
            }
            if (!isBetween(from, to)) {
                break;
            }
            to = trim(from);
        }
        return verbose(end) || kernelLog(end);
    }

    private boolean verbose(int end) {
        Matcher m = VERBOSE.matcher(line).region(0, end);
        if (!m.matches()) {
            return false;
        }
        set(m.group(4), 1_000_000L, m.group(5), 1000L);
        tid = Integer.parseInt(m.group(2));
        cpu = Integer.parseInt(m.group(3));
        return true;
    }

    private boolean kernelLog(int end) {
        Matcher m = KERNEL_LOG.matcher(line).region(0, end);
        if (!m.matches()) {
            return false;
        }
        set(m.group(1), 1_000_000_000L, m.group(2), 1000L);
        tid = m.group(3) == null ? -1 : Integer.parseInt(m.group(3));
        cpu = -1;
        return true;
    }

    /** Why no time was found before the event that begins there. */
    static String noTime(String text, int begin, String event) {
        return TIME_OF_DAY.matcher(text).region(0, begin).find()
                ? "before " + event
                        + " is the time of day only; the kernel's log tells times since boot by dmesg without -T"
                        + " and by journalctl -k -o short-monotonic"
                : "no time is found before " + event;
    }

    /** Takes a time given as two whole numbers, each in the given unit in nanoseconds. */
    private void set(String whole, long wholeNs, String part, long partNs) {
        timeNs = Math.addExact(Math.multiplyExact(Long.parseLong(whole), wholeNs), Long.parseLong(part) * partNs);
        damoFindsTime = false;
    }

    /** Reads the head up to {@code end} in the form of perf trace; false if it has another form. */
    boolean readPerfTrace(String text, int end) {
        Matcher m = PERF_TRACE.matcher(text).region(0, end);
        if (!m.matches()) {
            return false;
        }
        set(m.group(1), 1_000_000L, m.group(2), 1000L);
        tid = m.group(4) == null ? -1 : Integer.parseInt(m.group(4));
        cpu = -1;
        return true;
    }

    /** The head without the time of day that perf script prints before the event's time. */
    private int undated(int end) {
        Matcher m = DATED.matcher(line).region(0, end);
        return m.find() ? trim(m.start()) : end;
    }

    /** Text allowed between the time and the name: a period, a difference of times, the colon of {@code 12us :}. */
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
            throw new InvalidInputException("time " + seconds + " counts ticks, and the text does not say how long one"
                    + " takes: a trace clock such as counter, uptime or x86-tsc, or trace-cmd report --raw-ts");
        }
        int places = seconds.length() - fraction;
        if (places < 1
                || places > 9
                || fraction != whole - from + 1
                || digits(from + fraction, to) != from + seconds.length()) {
            throw new InvalidInputException("time '" + seconds + "'");
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
        return number >= 0
                ? ofRecording(number, before)
                : byName(line.substring(0, before).strip());
    }

    /** The thread number; for a thread of another recording, one made up for it. */
    private int ofRecording(int number, int end) {
        Matcher m = OF_RECORDING.matcher(line).region(0, end);
        if (!m.lookingAt()) {
            return number;
        }
        first = first == null ? m.group(1) : first;
        return first.equals(m.group(1)) ? number : unique(ofOthers, m.group(1) + ":" + number);
    }

    /** Where the thread's name and number end: before the CPU in brackets and the optional thread group. */
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
        if (from == to || to - from > 10 || !apart) {
            return -1;
        }
        long number = Long.parseLong(line.substring(from, to));
        return number > Integer.MAX_VALUE ? -1 : (int) number;
    }

    /** The thread number made up for a name; -1 without a name. */
    private int byName(String name) {
        if (name.isEmpty()) {
            return -1;
        }
        return unique(named, name);
    }

    private int unique(Map<String, Integer> ids, String name) {
        int known = named.size() + ofOthers.size();
        if (known == MAX_NAMES && !ids.containsKey(name)) {
            throw new InvalidInputException("more than " + MAX_NAMES + " names of threads");
        }
        return ids.computeIfAbsent(name, n -> Integer.MIN_VALUE + known);
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

    /** Where the digits that begin here end. */
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
