package org.damson.analyzer.openloop;

import java.util.List;
import org.damson.analyzer.damos.OpenLoopOptions;
import org.damson.damon.scheme.Filter;
import org.damson.damon.scheme.Range;
import org.damson.damon.scheme.Scheme;

/**
 * What schemes of a set that is simulated cut off each other's regions. The recording does not have these cuts, unless the
 * schemes ran in it.
 *
 * <p>In each turn a quota cuts at most two regions, where its window goes on and where it ends, and an address filter two at
 * its borders. Later schemes see only one piece of a cut region, and the rest waits. Kernels that visit what was cut off
 * in the same turn have earlier schemes see it twice. Which pieces DAMON merges again, and with what, the recording does not
 * tell: a piece may have any size.
 */
final class OwnCuts {
    private static final int CUTS = 2;

    /** Where failures are charged less, the quota is not used up by a piece and cuts the next one too. */
    private static final int MANY = 1 << 20;

    /** Whether any scheme of the set may cut, this one included. */
    private final boolean any;

    private final boolean byOthers;
    private final boolean anySize;
    private final int missed;
    private final int seenTwice;

    /** What cuts do to scheme {@code k} of a set. */
    OwnCuts(List<Scheme> schemes, int k, OpenLoopOptions options) {
        Scheme own = schemes.get(k);
        boolean unseen = !options.asRecorded();
        any = unseen && schemes.stream().anyMatch(OwnCuts::cuts);
        byOthers = unseen && schemes.stream().anyMatch(s -> s != own && cuts(s));
        anySize = own.size().min() <= options.minRegionBytes() && own.size().max() == Range.MAX;
        int before = 0;
        // What is tried is counted before its own filters cut it.
        int after = CUTS * filters(own);
        for (int i = 0; i < schemes.size(); i++) {
            before += i < k ? most(schemes.get(i)) : 0;
            after += i > k ? most(schemes.get(i)) : 0;
        }
        missed = unseen ? before : 0;
        seenTwice = unseen && options.version().visitsCutOff() ? after : 0;
    }

    /** Whether a scheme may cut regions. */
    static boolean cuts(Scheme s) {
        return most(s) > 0;
    }

    private static int most(Scheme s) {
        int quota = s.quota().isNone() ? 0 : s.quota().sparesFailed() ? MANY : CUTS;
        return CUTS * filters(s) + quota;
    }

    private static int filters(Scheme s) {
        return (int)
                s.filters().stream().filter(f -> f.type() == Filter.Type.ADDR).count();
    }

    /** Whether regions may be in pieces, so that their number is not known. */
    boolean any() {
        return any;
    }

    /** Whether other schemes may cut regions that this one sees. */
    boolean byOthers() {
        return byOthers;
    }

    /**
     * Whether pieces may be too small or too large for the scheme, or small enough, where the whole was not.
     *
     * @param anew whether the regions are not those that the kernel would have made anyway
     */
    boolean changeSizes(boolean anew) {
        return (byOthers || anew) && !anySize;
    }

    /** Whether the scheme sees all of every region in every turn. */
    boolean leaveAll() {
        return !byOthers || anySize && missed == 0;
    }

    /** Bytes of a target that the scheme may not see in a turn. */
    long missedBytes(long largestRegion) {
        return product(missed, largestRegion);
    }

    /** Bytes of a target that it may see once more than it has regions of them. */
    long seenTwiceBytes(long largestRegion) {
        return product(seenTwice, largestRegion);
    }

    private static long product(int regions, long bytes) {
        return Math.multiplyHigh(regions, bytes) == 0 && regions * bytes >= 0 ? regions * bytes : Long.MAX_VALUE / 2;
    }
}
