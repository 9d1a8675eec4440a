package org.damson.analyzer.openloop;

import java.util.List;
import org.damson.analyzer.damos.AgedTarget;
import org.damson.analyzer.damos.DamosHost;
import org.damson.analyzer.damos.OpenLoopOptions;
import org.damson.analyzer.damos.QuotaFloor;
import org.damson.analyzer.damos.Regions;
import org.damson.analyzer.damos.SchemeState;
import org.damson.analyzer.damos.SchemeStats;
import org.damson.analyzer.memory.MemoryModel;
import org.damson.damon.scheme.Range;
import org.damson.damon.scheme.Scheme;

/**
 * What one scheme of a set tries at least and at most: in the laziest and the most eager course, each with its own ages, in
 * which it tries what it matches. The kernel's course lies between; where nothing was rounded or reset unseen, all three
 * are the same.
 */
final class SchemeBounds {
    private final Scheme scheme;
    private final int index;
    private final DamosHost surroundings;
    private final long minRegionBytes;
    private final OwnCuts own;
    private final SeenWhole whole = new SeenWhole();
    /** Whether memory that a recorded scheme cut off may have been visited twice in a turn. */
    private final boolean revisits;

    /** Whether it applies to all that it matches; and in the turn at hand, as a quota is not in force yet. */
    private final boolean free;

    private boolean freeNow;

    /** What the quota lets through at least when something matches for the first time, and whether nothing has so far. */
    private final long atFirst;

    private boolean isFirst = true;
    private long firstBytes;
    private long turnSure;

    private final boolean acts;

    /** Sizes that the scheme asks for; any, where regions of other sizes than recorded may have their part in what it sees. */
    private long minSize;

    private long maxSize;
    private boolean sizesOpen;

    private long szMin;
    private long szMax;
    private long nrMin;
    private long nrMax;
    /** Most bytes in this turn, and in those turns in which no quota was in force. */
    private long turnMax;

    private double unlimited;

    /** Whether something that decides is not recorded, and whether the scheme may have tried nothing for it. */
    private boolean isOpen;

    private boolean mayMiss;

    /** Whether a quota may have had more windows than are counted, or let more through than it was charged. */
    private boolean isUncounted;

    /** Of the target at hand, in this turn. */
    private long least;

    private long most;
    private int nrLeast;
    private int nrMost;

    SchemeBounds(List<Scheme> schemes, int index, OpenLoopOptions options, DamosHost surroundings) {
        scheme = schemes.get(index);
        this.index = index;
        this.surroundings = surroundings;
        minRegionBytes = options.minRegionBytes();
        revisits = options.revisits();
        own = new OwnCuts(schemes, index, options);
        // It sleeps while there is memory enough, or too little.
        mayMiss = scheme.watermarks().freeMemRate();
        isOpen = mayMiss;
        isUncounted = scheme.quota().isNone() || scheme.quota().sparesFailed();
        free = scheme.quota().isNone() && scheme.filters().isEmpty();
        acts = !scheme.action().keepsAge();
        atFirst = own.byOthers() ? 0 : QuotaFloor.atFirst(scheme, minRegionBytes);
    }

    /** Whether other schemes of the set may cut regions that this one sees. */
    boolean areCutByOthers() {
        return own.byOthers();
    }

    private void sizes(boolean anew) {
        sizesOpen = own.changeSizes(anew);
        minSize = sizesOpen ? 0 : scheme.size().min();
        maxSize = sizesOpen ? Range.MAX : scheme.size().max();
        isOpen |= anew;
    }

    /** Whether the scheme sees all of every region in every turn. */
    private boolean leavesAll() {
        return own.leaveAll() && !sizesOpen;
    }

    /**
     * One target's turn in both courses.
     *
     * @param lows ages in the laziest course; reset where the scheme acts, as {@code highs} in the most eager one
     * @param floor null where none is known
     * @param isUnlimited whether its quota is surely not in force yet
     */
    void turn(SchemeState s, AgedTarget t, int[] lows, int[] highs, QuotaFloor floor, boolean isUnlimited) {
        Regions r = t.now;
        freeNow = free || isUnlimited && scheme.filters().isEmpty();
        least = 0;
        most = 0;
        nrLeast = 0;
        nrMost = 0;
        sizes(t.isAnew());
        for (int i = 0, next; i < r.n; i = next) {
            next = t.endOfRun(i);
            // What no course tries changes nothing.
            long byAge = next != i + 1 ? 0 : s.beyondAges(lows[i] & 0xffff_ffffL, highs[i] & 0xffff_ffffL);
            if ((s.beyondNr(r.nr[i]) | byAge) < 0) {
                continue;
            }
            whole.of(r, i, next, minSize, maxSize, revisits, t.more(i, next), t.mayBeCut(i, next), minRegionBytes);
            if (whole.maybe()) {
                run(s, t, i, next, lows, highs, floor);
            }
        }
        if ((own.any() || t.isAnew()) && most > 0) {
            long largest = largest(r);
            least = Math.max(0, least - own.missedBytes(largest));
            nrLeast = least > 0 ? 1 : 0;
            most += own.seenTwiceBytes(largest);
            nrMost = (int) Math.min(Integer.MAX_VALUE, Math.max(nrMost, most / minRegionBytes));
        }
        szMin += least;
        szMax += most;
        turnMax += most;
        nrMin += nrLeast;
        nrMax += nrMost;
    }

    /** Pieces from i to before {@code next}, which may have been one region. */
    private void run(SchemeState s, AgedTarget t, int i, int next, int[] lows, int[] highs, QuotaFloor floor) {
        long lowest = lows[i] & 0xffff_ffffL;
        long highest = highs[i] & 0xffff_ffffL;
        for (int j = i + 1; j < next; j++) {
            lowest = Math.min(lowest, lows[j] & 0xffff_ffffL);
            highest = Math.max(highest, highs[j] & 0xffff_ffffL);
        }
        // Below an upper bound of the age no course is the last or the first to match.
        boolean open = s.maxAge >= Range.KERNEL_MAX;
        boolean lazy = lowest >= s.minAge && lowest <= s.maxAge;
        boolean eager = highest >= s.minAge && highest <= s.maxAge;
        boolean surely = lazy && (open || eager) && whole.surely() && !sizesOpen;
        boolean must = freeNow && surely;
        turnSure += surely ? whole.minBytes : 0;
        // The kernel's age may be any between them.
        boolean may = s.beyondAges(lowest, highest) >= 0;
        if (must) {
            least += whole.minBytes;
            nrLeast += whole.minRegions;
        }
        if (may) {
            most += whole.maxBytes;
            nrMost += whole.maxRegions;
        }
        if (lazy && floor != null && whole.surely()) {
            floor.matches(whole.minBytes);
        }
        Regions r = t.now;
        boolean isOne = next == i + 1 && t.more(i, next) == 0;
        boolean isAll = whole.minBytes >= r.end[next - 1] - r.start[i];
        for (int j = i; j < next; j++) {
            if (must || may) {
                surroundings.possible(scheme, index, t.id, r.start[j], r.end[j], must && isAll && leavesAll());
            }
            if (acts && may && (must || !freeNow || !isOne || !leavesAll())) {
                lows[j] = 0;
            }
            if (acts && may && freeNow && (isOne || must && isAll) && leavesAll()) {
                highs[j] = 0;
            }
        }
    }

    private static long largest(Regions r) {
        long largest = 0;
        for (int i = 0; i < r.n; i++) {
            largest = Math.max(largest, r.size(i));
        }
        return largest;
    }

    /**
     * The same where regions are mappings. Regions of DAMON would be parts of them, or span several: none must match, and
     * of each mapping any part may, as the accesses and the age of parts are not known.
     */
    void turnOfMappings(long target, Regions r) {
        isFirst = false;
        for (int i = 0; i < r.n; i++) {
            szMax += r.size(i);
            turnMax += r.size(i);
            nrMax += Math.max(1, r.size(i) / minRegionBytes);
            surroundings.possible(scheme, index, target, r.start[i], r.end[i], false);
        }
    }

    /**
     * Turns of the scheme that saw something else than is recorded: it may be anything of the target.
     *
     * @param areElsewhere whether they are between snapshots, so that windows of a quota begin elsewhere
     */
    void turnsNotRecorded(AgedTarget t, long turns, boolean areElsewhere, int[] lows) {
        isOpen = true;
        isFirst = false;
        isUncounted |= areElsewhere;
        Regions r = t.now;
        long missing = t.mostBytes();
        for (int i = 0; i < r.n; i++) {
            missing -= r.size(i);
            nrMax += Math.max(1, r.size(i) / minRegionBytes) * turns;
            surroundings.possible(scheme, index, t.id, r.start[i], r.end[i], false);
            if (acts) {
                lows[i] = 0;
            }
        }
        szMax += t.mostBytes() * turns;
        turnMax += t.mostBytes() * turns;
        nrMax += missing / minRegionBytes * turns;
    }

    /** Memory that is missing from the recording may have been tried, too. */
    void lost(long regions, long bytes) {
        isOpen = true;
        isFirst = false;
        szMax += bytes;
        turnMax += bytes;
        nrMax += regions;
    }

    /** All targets had their turn; whether a quota was in force. */
    void turnEnds(boolean isLimited) {
        if (!isLimited) {
            unlimited += turnMax;
        }
        if (isFirst && turnMax > 0) {
            firstBytes = Math.min(atFirst, turnSure);
            isFirst = false;
        }
        turnMax = 0;
        turnSure = 0;
    }

    /**
     * What was tried, within its bounds.
     *
     * @param sum statistics of the simulated course
     * @param floorBytes the least that a quota let pass
     * @param budgetBytes the most that a quota let pass while it was in force
     * @param model null: what becomes of memory is not known
     */
    OpenLoopResult.PerScheme result(SchemeStats sum, double floorBytes, double budgetBytes, MemoryModel model) {
        long tried = isUncounted ? szMax : (long) Math.min(szMax, budgetBytes);
        long appliedMost =
                !acts ? 0 : Math.max(model == null ? tried : Math.min(tried, model.appliedMost(index)), sum.szApplied);
        return new OpenLoopResult.PerScheme(
                scheme,
                sum,
                mayMiss ? 0 : Math.min(Math.max(szMin + (long) floorBytes, firstBytes), sum.szTried),
                Math.max(tried, sum.szTried),
                mayMiss ? 0 : Math.min(Math.max(nrMin, firstBytes > 0 ? 1 : 0), sum.nrTried),
                Math.max(nrMax, sum.nrTried),
                model == null ? 0 : Math.min(model.appliedLeast(index), sum.szApplied),
                appliedMost,
                own.byOthers() || isOpen);
    }

    /** Most bytes in turns in which no quota was in force. */
    double unlimitedBytes() {
        return unlimited;
    }
}
