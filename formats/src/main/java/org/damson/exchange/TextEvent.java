package org.damson.exchange;

/**
 * Reads one {@code damon:*} line of {@code trace_pipe}, {@code perf script} or {@code trace-cmd report}.
 *
 * <pre>
 *   kdamond.0-93      [001] .....   12.345678: damon_aggregated: target_id=0 nr_regions=2 4096-8192: 3 7
 *   kdamond.0    93 [001]   12.345678: damon:damon_aggregated: target_id=0 ...
 *   kdamond.x xxxx xxxx 12.345678: damon:damon_aggregated: ...        (damo's own)
 * </pre>
 *
 * The name of the thread may hold anything and the flags column may be missing: what counts is a time, with a colon, before
 * the event's name, the last {@code [cpu]} before that, and the number before it.
 */
final class TextEvent {
    final DamonEvent event = new DamonEvent();

    /** Whether damo finds the time of the event, which it looks for in the third and the fourth word. */
    boolean damoFindsTime;

    /** Whether a number is None, as damo writes what it does not know and cannot read back. */
    boolean none;

    private String line;
    private int position;

    /**
     * Reads one line.
     *
     * @return false if the line is no DAMON event
     * @throws IllegalArgumentException if it is one, but not a whole one
     */
    boolean parse(String text) {
        for (int at = text.indexOf("damo"); at >= 0; at = text.indexOf("damo", at + 1)) {
            int colon = text.indexOf(':', at);
            if (colon < 0) {
                return false;
            }
            int head = endOfHead(text, at);
            if (head >= 0 && isEventName(text, at, colon)) {
                line = text;
                event.kind = DamonEvent.Kind.of(text.substring(at, colon));
                head(head);
                position = colon + 1;
                arguments();
                return true;
            }
        }
        return false;
    }

    /** Where the colon of the time is if the event's name, with or without its group, begins at {@code at}; else -1. */
    private static int endOfHead(String text, int at) {
        int i = text.startsWith("damon:", at - 6) ? at - 6 : at;
        int end = i;
        while (end > 0 && isBlank(text.charAt(end - 1))) {
            end--;
        }
        return end < i && end > 1 && text.charAt(end - 1) == ':' && isDigit(text.charAt(end - 2)) ? end - 1 : -1;
    }

    private static boolean isEventName(String text, int from, int to) {
        for (int i = from; i < to; i++) {
            char c = text.charAt(i);
            if (!(c >= 'a' && c <= 'z' || c == '_')) {
                return false;
            }
        }
        return text.startsWith("damon_", from) || text.startsWith("damos_", from);
    }

    private void head(int end) {
        int from = end;
        while (from > 0 && !isBlank(line.charAt(from - 1))) {
            from--;
        }
        event.timeNs = nanoseconds(line.substring(from, end));
        int words = words(line, from, 4);
        damoFindsTime = words == 2 || words == 3;
        int before = line.lastIndexOf('[', from);
        event.tid = threadBefore(before < 0 ? from : before);
    }

    private static long nanoseconds(String seconds) {
        int dot = seconds.indexOf('.');
        String fraction = dot < 0 ? "" : seconds.substring(dot + 1);
        if (fraction.length() > 9) {
            throw new IllegalArgumentException("time '" + seconds + "'");
        }
        long part = fraction.isEmpty() ? 0 : decimal(fraction);
        for (int i = fraction.length(); i < 9; i++) {
            part *= 10;
        }
        long whole = decimal(dot < 0 ? seconds : seconds.substring(0, dot));
        return Math.addExact(Math.multiplyExact(whole, 1_000_000_000L), part);
    }

    private int threadBefore(int end) {
        int to = end;
        while (to > 0 && isBlank(line.charAt(to - 1))) {
            to--;
        }
        int from = to;
        while (from > 0 && isDigit(line.charAt(from - 1))) {
            from--;
        }
        return from == to || to - from > 9 ? -1 : (int) decimal(line.substring(from, to));
    }

    private void arguments() {
        event.target = 0;
        event.regions = 0;
        event.age = -1;
        none = false;
        boolean target = false;
        boolean region = false;
        boolean sample = false;
        for (String word = word(); word != null; word = word()) {
            int equals = word.indexOf('=');
            if (equals > 0) {
                String value = word.substring(equals + 1);
                switch (word.substring(0, equals)) {
                    case "target_id", "target_idx" -> {
                        // damo writes None for a target that has no number
                        boolean unknown = value.equals("None");
                        none |= unknown;
                        event.target = unknown ? 0 : decimal(value);
                        target = true;
                    }
                    case "nr_regions" -> event.regions = decimal(value);
                    case "ctx_idx" -> event.context = integer(value);
                    case "scheme_idx" -> event.scheme = integer(value);
                    case "sample_us" -> {
                        event.sampleUs = decimal(value);
                        sample = event.sampleUs > 0;
                    }
                    default -> {}
                }
            } else if (word.endsWith(":") && word.indexOf('-') > 0) {
                int dash = word.indexOf('-');
                event.start = decimal(word.substring(0, dash));
                event.end = decimal(word.substring(dash + 1, word.length() - 1));
                String accesses = word();
                region = accesses != null;
                event.nrAccesses = !region ? 0 : accesses.equals("-1") ? -1 : integer(accesses);
                int mark = position;
                String age = word();
                if (age == null || age.indexOf('=') > 0) {
                    position = mark;
                } else {
                    none |= age.equals("None");
                    event.age = age.equals("None") || age.equals("-1") ? -1 : integer(age);
                }
            }
        }
        boolean whole =
                switch (event.kind) {
                    case AGGREGATED, BEFORE_APPLY -> target && region && event.regions > 0;
                    case TUNED -> sample;
                    default -> true;
                };
        if (!whole) {
            throw new IllegalArgumentException("an incomplete " + event.kind.event);
        }
    }

    /** How many words begin before {@code end}; counts no further than {@code most}. */
    static int words(String text, int end, int most) {
        int words = 0;
        for (int i = 0; i < end && words < most; i++) {
            words += !isBlank(text.charAt(i)) && (i == 0 || isBlank(text.charAt(i - 1))) ? 1 : 0;
        }
        return words;
    }

    private String word() {
        while (position < line.length() && isBlank(line.charAt(position))) {
            position++;
        }
        int from = position;
        while (position < line.length() && !isBlank(line.charAt(position))) {
            position++;
        }
        return from == position ? null : line.substring(from, position);
    }

    private static int integer(String digits) {
        long v = decimal(digits);
        if (v < 0 || v > Integer.MAX_VALUE) {
            throw new IllegalArgumentException("'" + digits + "' is too large");
        }
        return (int) v;
    }

    private static long decimal(String digits) {
        try {
            return Long.parseUnsignedLong(digits);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("'" + digits + "' is no number", e);
        }
    }

    private static boolean isDigit(char c) {
        return c >= '0' && c <= '9';
    }

    private static boolean isBlank(char c) {
        return c == ' ' || c == '\t';
    }
}
