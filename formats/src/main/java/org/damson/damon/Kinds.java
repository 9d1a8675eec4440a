package org.damson.damon;

import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Collectors;
import org.damson.model.text.Printable;

/** Counts by kind what a trace does not keep; {@link #toString} lists it in one line. */
public final class Kinds {
    private static final int MAX_KINDS = 1 << 10;
    private static final int NAMED = 6;

    private final Map<String, Long> counts = new HashMap<>();
    private long total;

    public void add(String kind) {
        add(kind, 1);
    }

    public void add(String kind, long count) {
        total += count;
        if (counts.size() < MAX_KINDS || counts.containsKey(kind)) {
            counts.merge(kind, count, Long::sum);
        }
    }

    public boolean isEmpty() {
        return total == 0;
    }

    public long total() {
        return total;
    }

    /** The most frequent, as in {@code sched:sched_switch 12, page-faults 3 and 2 of other kinds}. */
    @Override
    public String toString() {
        Comparator<Map.Entry<String, Long>> most =
                Map.Entry.<String, Long>comparingByValue().reversed().thenComparing(Map.Entry.comparingByKey());
        var named = counts.entrySet().stream().sorted(most).limit(NAMED).toList();
        long rest = total - named.stream().mapToLong(Map.Entry::getValue).sum();
        return named.stream()
                        .map(e -> Printable.line(e.getKey()) + " " + e.getValue())
                        .collect(Collectors.joining(", "))
                + (rest > 0 ? " and " + rest + " of other kinds" : "");
    }
}
