package org.damson.exchange;

import java.util.ArrayList;
import java.util.List;

/**
 * Reads one {@code damon:*} line of {@code trace_pipe}, {@code perf script}, {@code perf trace} or {@code trace-cmd report}.
 *
 * <pre>
 *   HEAD: damon_aggregated: target_id=0 nr_regions=2 4096-8192: 3 7
 *   HEAD: damon:damon_aggregated: target_id=0 nr_regions=2 start=4096 end=8192 nr_accesses=3 age=7
 *   HEAD damon:damon_aggregated(target_id: 0, nr_regions: 2, start: 4096, end: 8192, nr_accesses: 3, age: 7)
 * </pre>
 *
 * {@link TextHead} says what the head may be.
 */
final class TextEvent {
    private static final long MAX_COUNT = 0xffff_ffffL;
    private static final String GROUP = "damon:";

    final DamonEvent event = new DamonEvent();
    final TextHead head = new TextHead();

    /** Whether a number is None, as damo writes what it does not know and cannot read back. */
    boolean none;

    private String line;
    private int position;

    // Which of the arguments were there.
    private boolean target;
    private boolean accesses;

    /**
     * Reads one line.
     *
     * @return false if the line is no DAMON event
     * @throws IllegalArgumentException if it is one, but not a whole one, or its head is of an unknown shape
     */
    boolean parse(String text) {
        String unseen = null;
        for (int at = text.indexOf("damo"); at >= 0; at = text.indexOf("damo", at + 1)) {
            int end = endOfName(text, at);
            char after = end >= 0 && end < text.length() ? text.charAt(end) : 0;
            if (end < 0 || after != ':' && after != '(') {
                continue;
            }
            int begin = text.startsWith(GROUP, at - GROUP.length()) ? at - GROUP.length() : at;
            boolean apart = begin == 0 || isBlank(text.charAt(begin - 1));
            boolean found = apart && (after == ':' ? head.read(text, begin) : head.readPerfTrace(text, begin));
            if (found) {
                line = text;
                event.name = text.substring(at, end);
                event.kind = DamonEvent.Kind.of(event.name);
                event.timeNs = head.timeNs;
                event.tid = head.tid;
                position = end + 1;
                arguments();
                return true;
            }
            if (apart && text.indexOf('=', end) > 0 && text.charAt(0) != '#') {
                unseen = text.substring(at, end);
            }
        }
        if (unseen != null) {
            throw new IllegalArgumentException("no time is found before " + unseen);
        }
        return false;
    }

    /** Where the name of an event of DAMON's that begins here ends; -1 if none does. */
    private static int endOfName(String text, int at) {
        if (!text.startsWith("damon_", at) && !text.startsWith("damos_", at)) {
            return -1;
        }
        int end = at;
        while (end < text.length() && isName(text.charAt(end))) {
            end++;
        }
        return end;
    }

    private static boolean isName(char c) {
        return c >= 'a' && c <= 'z' || c == '_' || c >= '0' && c <= '9';
    }

    private void arguments() {
        event.target = 0;
        event.regions = 0;
        event.context = 0;
        event.scheme = event.kind == DamonEvent.Kind.OTHER ? -1 : 0;
        event.start = 0;
        event.end = 0;
        event.age = -1;
        event.probeHits = DamonEvent.NO_HITS;
        event.sampleUs = 0;
        none = false;
        target = false;
        accesses = false;
        List<DamonEvent.Value> values = new ArrayList<>();
        for (String word = word(); word != null; word = word()) {
            int equals = word.indexOf('=');
            if (equals > 0) {
                argument(word.substring(0, equals), word.substring(equals + 1), values);
            } else if (word.endsWith(":") && word.indexOf('-') > 0) {
                region(word);
            } else if (word.endsWith(":") && isName(word.charAt(0))) {
                String value = word();
                argument(word.substring(0, word.length() - 1), value == null ? "" : value, values);
            }
        }
        event.values = values;
        boolean whole =
                switch (event.kind) {
                    case AGGREGATED, REGION_AGGREGATED, BEFORE_APPLY -> target && accesses && event.regions > 0;
                    case TUNED -> event.sampleUs > 0;
                    default -> true;
                };
        if (!whole) {
            throw new IllegalArgumentException("an incomplete " + event.name);
        }
    }

    private void argument(String name, String text, List<DamonEvent.Value> values) {
        String value = bare(text);
        switch (name) {
            case "target_id", "target_idx" -> {
                // damo writes None for a target that has no number
                boolean unknown = value.equals("None");
                none |= unknown;
                event.target = unknown ? 0 : number(value);
                target = true;
            }
            case "ctx_idx", "context_idx" -> event.context = index(value);
            case "scheme_idx" -> event.scheme = index(value);
            default -> {
                if (event.kind == DamonEvent.Kind.OTHER) {
                    value(name, value, values);
                } else {
                    known(name, value);
                }
            }
        }
    }

    private void known(String name, String value) {
        switch (name) {
            case "nr_regions" -> event.regions = number(value);
            case "sample_us" -> event.sampleUs = number(value);
            case "start" -> event.start = number(value);
            case "end" -> event.end = number(value);
            case "nr_accesses" -> {
                event.nrAccesses = count(value);
                accesses = true;
            }
            case "age" -> event.age = count(value);
            case "probe_hits" -> probeHits(value);
            default -> {}
        }
    }

    /** One of the numbers of an event that damson knows no more of. */
    private void value(String name, String value, List<DamonEvent.Value> values) {
        if (!value.isEmpty() && value.charAt(0) >= '0' && value.charAt(0) <= '9') {
            // Linux 7.0 prints the bytes applied under the name of those tried, a second time.
            boolean second = name.equals("sz_tried")
                    && values.stream().anyMatch(v -> v.name().equals(name));
            values.add(new DamonEvent.Value(second ? "sz_applied" : name, number(value)));
        }
    }

    /** {@code 4096-8192: 3 7}; the age may be missing. */
    private void region(String bounds) {
        int dash = bounds.indexOf('-');
        event.start = number(bounds.substring(0, dash));
        event.end = number(bounds.substring(dash + 1, bounds.length() - 1));
        String first = bare(word());
        accesses = !first.isEmpty();
        event.nrAccesses = !accesses ? 0 : first.equals("-1") ? -1 : count(first);
        int mark = position;
        String age = bare(word());
        if (age.isEmpty() || age.indexOf('=') > 0) {
            position = mark;
        } else {
            none |= age.equals("None");
            event.age = age.equals("None") || age.equals("-1") ? -1 : count(age);
        }
    }

    /** Bytes in hexadecimal, one for each probe: {@code 13 00}, or {@code ARRAY[13, 00]}. */
    private void probeHits(String first) {
        event.probeHits = 0;
        String hits = bare(first.replace("ARRAY[", ""));
        int mark = position;
        for (int probe = 0; isByte(hits); probe++) {
            event.probeHits = DamonEvent.pack(event.probeHits, probe, Integer.parseInt(hits, 16));
            mark = position;
            hits = bare(word());
        }
        position = mark;
    }

    private static boolean isByte(String word) {
        return word.length() == 2
                && Character.digit(word.charAt(0), 16) >= 0
                && Character.digit(word.charAt(1), 16) >= 0;
    }

    /** Without what ends an argument in some tools' lists. */
    private static String bare(String word) {
        if (word == null) {
            return "";
        }
        int to = word.length();
        while (to > 0 && ",)]".indexOf(word.charAt(to - 1)) >= 0) {
            to--;
        }
        return word.substring(0, to);
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

    private static int index(String digits) {
        long v = number(digits);
        if (v < 0 || v > Integer.MAX_VALUE) {
            throw new IllegalArgumentException("'" + digits + "' is too large");
        }
        return (int) v;
    }

    private static long count(String digits) {
        long v = number(digits);
        if (v < 0 || v > MAX_COUNT) {
            throw new IllegalArgumentException("'" + digits + "' is too large");
        }
        return v;
    }

    private static long number(String digits) {
        try {
            return digits.startsWith("0x")
                    ? Long.parseUnsignedLong(digits.substring(2), 16)
                    : Long.parseUnsignedLong(digits);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("'" + digits + "' is no number", e);
        }
    }

    static boolean isBlank(char c) {
        return c == ' ' || c == '\t';
    }
}
