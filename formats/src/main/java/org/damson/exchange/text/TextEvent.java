package org.damson.exchange.text;

import java.util.LinkedHashMap;
import java.util.Map;
import org.damson.damon.DamonEvents;
import org.damson.damon.EventColumns;
import org.damson.damon.Kinds;
import org.damson.damon.ProbeHits;
import org.damson.model.InvalidInputException;
import org.damson.model.Snapshot;

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

    /** The rows of the line: one, several for the numbers of a scheme, none for an event known by name only. */
    final EventColumns rows = new EventColumns();

    final TextHead head = new TextHead();

    /** Events that are not kept, by name. */
    final Kinds unkept = new Kinds();

    /** Whether a number is None, which damo writes for an unknown value and cannot read back. */
    boolean none;

    private String line;
    private int position;
    private String name;
    private byte kind;

    // The arguments, and which of them were there.
    private long target;
    private long regions;
    private long start;
    private long end;
    private long accesses;
    private long age;
    private long probeHits;
    private long sampleUs;
    private int context;
    private int scheme;
    private boolean hasTarget;
    private boolean hasAccesses;
    /** Whether the line comes from perf trace, which names each number and omits zeros. */
    private boolean isByName;

    private final Map<String, Long> numbers = new LinkedHashMap<>();

    /**
     * Reads one line.
     *
     * @return false if the line is no DAMON event
     * @throws InvalidInputException if it is one, but not a whole one, or its head is of an unknown shape
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
                name = text.substring(at, end);
                kind = DamonEvents.kind(name);
                position = end + 1;
                isByName = after == '('
                        && text.indexOf('=', end) < 0
                        && text.stripTrailing().endsWith(")");
                arguments();
                return true;
            }
            if (apart && text.indexOf('=', end) > 0 && text.charAt(0) != '#') {
                unseen = TextHead.noTime(text, begin, text.substring(at, end));
            }
        }
        if (unseen != null) {
            throw new InvalidInputException(unseen);
        }
        return false;
    }

    /** Where the name of the DAMON event that begins here ends; -1 if there is none. */
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
        target = 0;
        regions = 0;
        accesses = 0;
        context = 0;
        scheme = -1;
        start = 0;
        end = 0;
        age = -1;
        probeHits = Snapshot.NO_HITS;
        sampleUs = 0;
        none = false;
        hasTarget = false;
        hasAccesses = false;
        numbers.clear();
        rows.clear();
        if (kind == 0) {
            unkept.add(name);
            return;
        }
        for (String word = word(); word != null; word = word()) {
            int equals = word.indexOf('=');
            if (equals > 0) {
                argument(word.substring(0, equals), word.substring(equals + 1));
            } else if (word.endsWith(":") && word.indexOf('-') > 0) {
                region(word);
            } else if (word.endsWith(":") && isName(word.charAt(0))) {
                String value = word();
                argument(word.substring(0, word.length() - 1), value == null ? "" : value);
            }
        }
        if (isByName) {
            zeros();
        }
        switch (kind) {
            case EventColumns.REGION, EventColumns.REGION_WITH_HITS, EventColumns.BEFORE_APPLY -> {
                need(hasTarget && hasAccesses && regions > 0);
                addRegion();
            }
            case EventColumns.TUNED -> {
                need(sampleUs > 0);
                int row = add(kind); // before its array is looked at, which may be a new one
                rows.target[row] = sampleUs;
            }
            case EventColumns.STATISTIC ->
                numbers.forEach((field, value) -> {
                    int row = add(kind);
                    rows.name[row] = field;
                    rows.target[row] = value;
                });
            default -> {}
        }
    }

    private void zeros() {
        hasTarget = true;
        hasAccesses = true;
        age = Math.max(age, 0);
        scheme = kind == EventColumns.BEFORE_APPLY || kind == EventColumns.STATISTIC ? Math.max(scheme, 0) : scheme;
        if (kind == EventColumns.STATISTIC) {
            DamonEvents.statistics(name)
                    .forEach(field -> numbers.putIfAbsent(DamonEvents.statistic(name, field, false), 0L));
        }
    }

    private void need(boolean isWhole) {
        if (!isWhole) {
            throw new InvalidInputException("an incomplete " + name);
        }
    }

    private int add(byte asKind) {
        int row = rows.add(asKind, head.timeNs, head.tid);
        rows.context[row] = context;
        rows.scheme[row] = scheme;
        return row;
    }

    private void addRegion() {
        // damo ends a record of one snapshot with this, to tell how long that took.
        boolean isMark = start == 0 && end == 0 && accesses == -1;
        int row = add(isMark ? EventColumns.END_MARK : kind);
        rows.target[row] = target;
        rows.regions[row] = regions;
        rows.start[row] = start;
        rows.end[row] = end;
        rows.accesses[row] = accesses;
        rows.age[row] = age;
        rows.probeHits[row] = probeHits;
    }

    /** Name of the last event read. */
    String name() {
        return name;
    }

    /** {@link EventColumns#kind} of the last event read; 0 if it is known by name only. */
    byte kind() {
        return kind;
    }

    private void argument(String field, String text) {
        String value = bare(text);
        switch (field) {
            case "target_id", "target_idx" -> {
                // damo writes None for a target that has no number
                boolean unknown = value.equals("None");
                none |= unknown;
                target = unknown ? 0 : number(value);
                hasTarget = true;
            }
            case "ctx_idx", "context_idx" -> context = index(value);
            case "scheme_idx" -> scheme = index(value);
            default -> {
                if (kind == EventColumns.STATISTIC) {
                    statistic(field, value);
                } else {
                    known(field, value);
                }
            }
        }
    }

    private void known(String field, String value) {
        switch (field) {
            case "nr_regions" -> regions = number(value);
            case "sample_us" -> sampleUs = number(value);
            case "start" -> start = number(value);
            case "end" -> end = number(value);
            case "nr_accesses" -> {
                accesses = count(value);
                hasAccesses = true;
            }
            case "age" -> age = count(value);
            case "probe_hits" -> probeHits(value);
            default -> {}
        }
    }

    /** One of the numbers of a scheme. */
    private void statistic(String field, String value) {
        if (!value.isEmpty() && value.charAt(0) >= '0' && value.charAt(0) <= '9') {
            boolean isAgain = numbers.containsKey(DamonEvents.statistic(name, field, false));
            numbers.put(DamonEvents.statistic(name, field, isAgain), number(value));
        }
    }

    /** {@code 4096-8192: 3 7}; the age may be missing. */
    private void region(String bounds) {
        int dash = bounds.indexOf('-');
        start = number(bounds.substring(0, dash));
        end = number(bounds.substring(dash + 1, bounds.length() - 1));
        String first = bare(word());
        hasAccesses = !first.isEmpty();
        accesses = !hasAccesses ? 0 : first.equals("-1") ? -1 : count(first);
        int mark = position;
        String second = bare(word());
        if (second.isEmpty() || second.indexOf('=') > 0) {
            position = mark;
        } else {
            none |= second.equals("None");
            age = second.equals("None") || second.equals("-1") ? -1 : count(second);
        }
    }

    /** Hexadecimal bytes, one for each probe: {@code 13 00}, or {@code ARRAY[13, 00]}. */
    private void probeHits(String first) {
        boolean fits = true;
        String hits = bare(first.replace("ARRAY[", ""));
        int mark = position;
        for (int probe = 0; isByte(hits); probe++) {
            int count = Integer.parseInt(hits, 16);
            fits &= ProbeHits.fits(probe, count);
            probeHits = fits ? ProbeHits.with(probeHits, probe, count) : Snapshot.NO_HITS;
            mark = position;
            hits = bare(word());
        }
        position = mark;
        if (!fits) {
            unkept.add(name + ".probe_hits");
        }
    }

    private static boolean isByte(String word) {
        return word.length() == 2
                && Character.digit(word.charAt(0), 16) >= 0
                && Character.digit(word.charAt(1), 16) >= 0;
    }

    /** The text without the separators that some tools put behind an argument. */
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

    /** The number of words that begin before {@code end}, at most {@code most}. */
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

    private int index(String digits) {
        long v = number(digits);
        if (v < 0 || v > Integer.MAX_VALUE) {
            throw new InvalidInputException("'" + digits + "' is too large");
        }
        return (int) v;
    }

    private long count(String digits) {
        long v = number(digits);
        if (v < 0 || v > MAX_COUNT) {
            throw new InvalidInputException("'" + digits + "' is too large");
        }
        return v;
    }

    private long number(String digits) {
        try {
            // perf trace takes all numbers for signed ones.
            return isByName && digits.startsWith("-")
                    ? Long.parseLong(digits)
                    : digits.startsWith("0x")
                            ? Long.parseUnsignedLong(digits.substring(2), 16)
                            : Long.parseUnsignedLong(digits);
        } catch (NumberFormatException e) {
            throw new InvalidInputException("'" + digits + "' is not a number", e);
        }
    }

    static boolean isBlank(char c) {
        return c == ' ' || c == '\t';
    }
}
