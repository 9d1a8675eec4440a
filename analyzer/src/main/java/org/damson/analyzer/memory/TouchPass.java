package org.damson.analyzer.memory;

import static org.damson.analyzer.memory.Pieces.AWAKE;
import static org.damson.analyzer.memory.Pieces.COLUMNS;
import static org.damson.analyzer.memory.Pieces.HUGE;
import static org.damson.analyzer.memory.Pieces.KNOWN_LIKELY;
import static org.damson.analyzer.memory.Pieces.KNOWN_MIN;
import static org.damson.analyzer.memory.Pieces.OUT_LIKELY;
import static org.damson.analyzer.memory.Pieces.OUT_MAX;
import static org.damson.analyzer.memory.Pieces.OUT_MAX_EAGER;
import static org.damson.analyzer.memory.Pieces.OUT_MIN;
import static org.damson.analyzer.memory.Pieces.OUT_MIN_LAZY;
import static org.damson.analyzer.memory.Pieces.SETTLED;
import static org.damson.analyzer.memory.Pieces.SLOW;

import org.damson.analyzer.scan.Arithmetic;
import org.damson.analyzer.scan.TouchedBytes;
import org.damson.model.Snapshot;

/**
 * One snapshot's accesses over the pieces of a target. Both are in order of address: pieces move on into a copy, cut at the
 * regions' ends, and those that were touched change on the way. Nothing is allocated once the copies are large enough.
 */
final class TouchPass {
    private static final int ALMOST_BITS = Float.floatToRawIntBits(1f / 1024);
    private static final float[] UNKNOWN = new float[COLUMNS];

    private final Pieces pieces;
    private final Pieces to = new Pieces();
    private final TouchedShare touchedShare = new TouchedShare();
    /** Regions are mappings: what was touched of one in a snapshot is likely what was touched in those before. */
    private boolean partial;

    private int now;
    private Pieces.Touch sums;
    private Snapshot snapshot;
    /** Touched share of each region; null if unknown. */
    private double[] given;

    /** The first piece that is not yet copied as a whole, and where the rest of it begins. */
    private int i;

    private long at;

    /** The region at hand, and whether its shares are computed: where all is settled nobody asks. */
    private int region;

    private boolean areSharesKnown;

    /** What share of it was touched; and accesses in samples, of the whole region. */
    private double least;

    private double likely;
    private double most;
    /** At least where it was idle before, so that all samples may have seen the same part. */
    private double atOnce;

    private double accesses;

    TouchPass(Pieces pieces) {
        this.pieces = pieces;
    }

    /**
     * Goes through them.
     *
     * @param shares what share of each region was touched, where that is known; or null
     * @param step the time, in the caller's steps
     * @param t to which what happened is added
     */
    void run(Snapshot s, double[] shares, int step, Pieces.Touch t) {
        touchedShare.samples(s.maxNrAccesses());
        partial = shares == null && TouchedBytes.isPartial(s);
        now = step;
        sums = t;
        snapshot = s;
        given = shares;
        to.n = 0;
        // The ends of regions cut pieces in two, and what no piece holds before, between and behind them is added.
        to.reserve(2 * pieces.n + 4 * s.regions + 1);
        i = 0;
        at = pieces.n > 0 ? pieces.start[0] : 0;
        // Where shares are given, regions are what was touched.
        boolean isWhole = shares == null && s.lost == 0;
        long covered = 0;
        for (int r = 0; r < s.regions; r++) {
            int nr = s.nrAccesses[r];
            if (isWhole && covered != s.start[r]) {
                skip(covered);
                leave(s.start[r]);
            }
            covered = s.end[r];
            if (nr > 0) {
                region = r;
                areSharesKnown = false;
                accesses = partial ? TouchedBytes.meanShare(s, r) * s.maxNrAccesses() : nr;
                skip(s.start[r]);
                touchRegion(s.start[r], s.end[r]);
            }
        }
        if (isWhole) {
            skip(covered);
            i = pieces.n;
        }
        while (i < pieces.n) {
            to.take(at, pieces.end[i], pieces, i);
            next();
        }
        pieces.swap(to);
    }

    /** What is left below the address is in no region: it was unmapped, and what comes at its place is other memory. */
    private void leave(long address) {
        while (i < pieces.n && Long.compareUnsigned(pieces.end[i], address) <= 0) {
            next();
        }
        if (i < pieces.n && Long.compareUnsigned(at, address) < 0) {
            at = address;
        }
    }

    private void next() {
        i++;
        at = i < pieces.n ? pieces.start[i] : 0;
    }

    private void computeShares() {
        int nr = snapshot.nrAccesses[region];
        likely = given != null
                ? given[region]
                : partial ? TouchedBytes.leastShare(snapshot, region) : touchedShare.likely(nr);
        least = given != null || partial ? likely : touchedShare.least(nr);
        most = given != null ? least : 1;
        // Regions are wide where memory was idle: of one that wakes a part may have been touched in every sample.
        atOnce = partial ? likely : touchedShare.atOnce(nr);
        areSharesKnown = true;
    }

    /** Memory below the address was not touched. */
    private void skip(long address) {
        while (i < pieces.n && Long.compareUnsigned(pieces.end[i], address) <= 0) {
            to.take(at, pieces.end[i], pieces, i);
            next();
        }
        if (i < pieces.n && Long.compareUnsigned(at, address) < 0) {
            to.take(at, address, pieces, i);
            at = address;
        }
    }

    private void touchRegion(long from, long until) {
        long done = from;
        while (Long.compareUnsigned(done, until) < 0) {
            int like = -1;
            long stop = until;
            if (i < pieces.n && Long.compareUnsigned(at, done) <= 0) {
                like = i;
                stop = Arithmetic.minUnsigned(pieces.end[i], until);
            } else if (i < pieces.n) {
                stop = Arithmetic.minUnsigned(at, until);
            }
            touch(done, stop, like);
            done = stop;
            if (like >= 0) {
                at = stop;
                if (at == pieces.end[i]) {
                    next();
                }
            }
        }
    }

    /** Touches a part of piece {@code like}; -1: of what no piece holds. */
    private void touch(long from, long until, int like) {
        double size = until - from;
        double heat = size * accesses;
        sums.heat += heat;
        int flag = like < 0 ? 0 : pieces.flags[like];
        if ((flag & HUGE) != 0) {
            sums.hugeHeat += heat;
        }
        if ((flag & SETTLED) != 0) {
            sums.fastHeat += heat;
            to.take(from, until, pieces, like, flag | AWAKE, now);
            return;
        }
        if (!areSharesKnown) {
            computeShares();
        }
        boolean wakes = given == null && (flag & AWAKE) == 0;
        int j = to.n;
        to.start[j] = from;
        to.end[j] = until;
        to.touched[j] = now;
        float[] f = like < 0 ? UNKNOWN : pieces.shares;
        boolean settled = change(f, like < 0 ? 0 : COLUMNS * like, size, heat, wakes ? atOnce : least);
        to.flags[j] = flag | AWAKE | (settled ? SETTLED : 0);
        to.keep();
    }

    /** Writes the shares behind the last copy as they are after a touch; returns whether the next one changes none. */
    private boolean change(float[] f, int from, double size, double heat, double atLeast) {
        double leftLeast = 1 - atLeast;
        double leftLikely = 1 - likely;
        double leftMost = 1 - most;
        float lazy = f[from + OUT_MIN_LAZY];
        float out = f[from + OUT_LIKELY];
        float eager = f[from + OUT_MAX_EAGER];
        double backLeast = partial ? Math.max(0, lazy + atLeast - 1) : lazy * atLeast;
        double backLikely = partial ? Math.min(out, likely) : out * likely;
        sums.refaultLeast += size * backLeast;
        sums.refaultLikely += size * backLikely;
        sums.refaultMost += size * eager * most;
        float knownLeast = f[from + KNOWN_MIN];
        float before = f[from + KNOWN_LIKELY];
        float known = before;
        float slow = f[from + SLOW];
        if (knownLeast != 1 || before != 1 || slow != 0 || sums.fastFree < 0) {
            knownLeast = partial ? (float) Math.max(knownLeast, atLeast) : 1 - rest(1 - knownLeast, leftLeast);
            known = partial ? (float) Math.max(before, likely) : 1 - rest(1 - before, leftLikely);
            slow = slow(size, before, known, slow);
        }
        sums.fastHeat += heat * (1 - slow);
        float outLeast = rest(f[from + OUT_MIN], leftMost);
        float outMost = partial ? (float) Math.min(f[from + OUT_MAX], leftLeast) : rest(f[from + OUT_MAX], leftLeast);
        lazy = partial ? (float) (lazy - backLeast) : rest(lazy, leftLeast);
        eager = rest(eager, leftMost);
        out = partial ? (float) (out - backLikely) : rest(out, leftLikely);
        float[] g = to.shares;
        int into = COLUMNS * to.n;
        g[into + OUT_MIN] = outLeast;
        g[into + OUT_MAX] = outMost;
        g[into + OUT_MIN_LAZY] = lazy;
        g[into + OUT_MAX_EAGER] = eager;
        g[into + OUT_LIKELY] = out;
        g[into + KNOWN_MIN] = knownLeast;
        g[into + KNOWN_LIKELY] = known;
        g[into + SLOW] = slow;
        return knownLeast == 1 && known == 1 && slow == 0 && outLeast + outMost + lazy + eager + out == 0;
    }

    /** Share in the slow tier after more became known: new memory goes to the fast tier while there is room. */
    private float slow(double size, float before, float known, float slow) {
        double fresh = size * (known - before);
        if (fresh > sums.fastFree) {
            double slowBytes = size * before * slow + fresh - Math.max(0, sums.fastFree);
            sums.fastFree = Math.min(0, sums.fastFree);
            return (float) Math.min(1, slowBytes / (size * known));
        }
        sums.fastFree -= fresh;
        return before == 0 || slow == 0 ? 0 : slow * before / known;
    }

    /** What is left of a share; almost nothing is nothing. Both are 0 or more, so that their bits compare as they do. */
    private static float rest(float share, double left) {
        int bits = Float.floatToRawIntBits((float) (share * left));
        // Without a branch, which could not be foreseen: all ones where the bits are below.
        int below = (bits - ALMOST_BITS) >> 31;
        return Float.intBitsToFloat(bits & ~below);
    }
}
