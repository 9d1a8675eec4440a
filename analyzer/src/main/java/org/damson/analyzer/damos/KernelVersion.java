package org.damson.analyzer.damos;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.damson.damon.scheme.Action;
import org.damson.damon.scheme.UnknownWordException;

/** Kernel versions whose DAMOS differs in what the simulation models. */
public enum KernelVersion {
    /** Up to 6.12.94, as tested. There is no interval tuning. */
    V6_12(
            "6.12.94",
            "filters only reject; what a split cuts off waits for the next turn; a quota's first window has no limit"),
    /** From 6.12.117 on, as tested. */
    V6_12_117("6.12.117", "as 6.12.94, but what a split cuts off is visited in the same turn"),
    V6_18(
            "6.18",
            "filters allow or reject; what a split cuts off waits for the next turn; after a full window the next skips a page"),
    V7_1(
            "7.1",
            "as 6.18, but what a split cuts off is visited in the same turn, no page is skipped, max_nr_snapshots counts"),
    V7_2(
            "7.2",
            "as 7.1, and neighbours of equal accesses and age become one region once schemes were applied; fail_charge counts"),
    V7_3("7.3", "as 7.2; an address filter cuts before what was tried is counted");

    /** Values of {@code --kernel}. */
    public static final List<String> WORDS = List.of("6.12", "6.12.94", "6.12.117", "6.18", "7.1", "7.2", "7.3");

    private static final int LAST_TESTED_WAITS = 94;
    private static final int FIRST_TESTED_VISITS = 117;
    private static final Pattern RELEASE = Pattern.compile("(\\d{1,3})\\.(\\d{1,4})(?:\\.(\\d{1,5}))?.*");

    private final String text;
    private final String rules;

    KernelVersion(String text, String rules) {
        this.text = text;
        this.rules = rules;
    }

    /** One line that describes the simulated rules. */
    public String rules() {
        return rules;
    }

    @Override
    public String toString() {
        return text;
    }

    /** Whether a region that a split cut off is visited in the same turn. */
    public boolean visitsCutOff() {
        return this == V6_12_117 || isSince7();
    }

    /** Whether it has a word for an action. */
    public boolean has(Action action) {
        return switch (action) {
            case MLOCK -> false;
            case COLLAPSE -> isSince7();
            default -> true;
        };
    }

    /**
     * Whether it does an action to virtual or to physical addresses. Where it does not, it tries what matches, charges it and
     * resets its age all the same. An action that it has no word for is taken for one of virtual addresses.
     */
    public boolean does(Action action, boolean physical) {
        return switch (action) {
            case STAT, PAGEOUT -> true;
            case MIGRATE_HOT, MIGRATE_COLD -> physical || !isOld();
            case LRU_PRIO, LRU_DEPRIO -> physical;
            default -> !physical;
        };
    }

    /** Whether filters only reject, and the first window of a quota has none. */
    public boolean isOld() {
        return this == V6_12 || this == V6_12_117;
    }

    /** Whether quotas, windows and snapshots count as since 7.1. */
    public boolean isSince7() {
        return compareTo(V7_1) >= 0;
    }

    /**
     * Whether a region becomes one with the neighbour before it, once all schemes were applied to it, where accesses, age and
     * accesses one aggregation before are equal.
     */
    public boolean joins() {
        return compareTo(V7_2) >= 0;
    }

    /** Whether some regions are split, too, where there are more than half of the most that may be. */
    public boolean splitsSome() {
        return compareTo(V7_3) >= 0;
    }

    /** Whether what is tried and charged of a region is what address filters leave of it. */
    public boolean countsFiltered() {
        return compareTo(V7_3) >= 0;
    }

    /**
     * A version and, if it was not tested, why it was taken.
     *
     * @param note null: tested
     */
    public record Choice(KernelVersion version, String note) {}

    /**
     * The version whose rules a kernel has.
     *
     * @param release as {@code uname -r} prints it, or its first two or three numbers
     * @return null if none is near
     */
    public static Choice nearest(String release) {
        Matcher m = RELEASE.matcher(release == null ? "" : release.strip());
        if (!m.matches()) {
            return null;
        }
        int series = Integer.parseInt(m.group(1)) * 10_000 + Integer.parseInt(m.group(2));
        int stable = m.group(3) == null ? -1 : Integer.parseInt(m.group(3));
        String name = m.group(1) + "." + m.group(2) + (stable < 0 ? "" : "." + stable);
        if (series == 6_0012) {
            if (stable < 0 || stable > LAST_TESTED_WAITS && stable < FIRST_TESTED_VISITS) {
                return new Choice(
                        stable < 0 ? V6_12 : V6_12_117,
                        "Linux 6.12." + LAST_TESTED_WAITS + " leaves what a split cuts off for the next turn and 6.12."
                                + FIRST_TESTED_VISITS + " visits it in the same; from which release between them is not"
                                + " known, " + name + " is taken as " + (stable < 0 ? V6_12 : V6_12_117));
            }
            return new Choice(stable <= LAST_TESTED_WAITS ? V6_12 : V6_12_117, null);
        }
        KernelVersion v =
                switch (series) {
                    case 6_0018 -> V6_18;
                    case 7_0001 -> V7_1;
                    case 7_0002 -> V7_2;
                    case 7_0003 -> V7_3;
                    default -> null;
                };
        if (v != null) {
            return new Choice(v, null);
        }
        KernelVersion near = series < 6_0012 ? V6_12 : series <= 6_0019 ? V6_18 : series < 7_0003 ? V7_1 : V7_3;
        return new Choice(near, "the rules of Linux " + name + " were not tested; it is treated as " + near);
    }

    /** @throws UnknownWordException if there is none of this name */
    public static KernelVersion of(String text) {
        if (WORDS.contains(text) || text.matches("(6\\.12|6\\.18|7\\.[123])\\..*")) {
            Choice c = nearest(text);
            if (c != null) {
                return c.version();
            }
        }
        throw new UnknownWordException("kernel version", text, WORDS);
    }
}
