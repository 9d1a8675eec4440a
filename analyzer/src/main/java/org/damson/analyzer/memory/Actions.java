package org.damson.analyzer.memory;

import org.damson.damon.scheme.Action;

/** Effects of schemes' actions on pieces of memory. */
final class Actions {
    private final Pieces.Touch step;
    private double unknownDensity;
    private int hottestEpoch;

    double pagedOutMost;
    double promoted;
    double demoted;
    double sorted;

    /** @param step whose room in the fast tier they use */
    Actions(Pieces.Touch step) {
        this.step = step;
    }

    /**
     * A turn begins.
     *
     * @param density share of what was not seen touched that exists
     * @param epoch after all in which memory was touched so far
     */
    void turnBegins(double density, int epoch) {
        unknownDensity = density;
        hottestEpoch = epoch;
    }

    static boolean isByMadvise(Action a) {
        return switch (a) {
            case WILLNEED, COLD, PAGEOUT, HUGEPAGE, NOHUGEPAGE, COLLAPSE, MLOCK -> true;
            default -> false;
        };
    }

    /**
     * Pages a range out in the courses in which most goes out; with {@code must} in those in which least does, too.
     *
     * @return bytes that go out in the latter
     */
    double mayPageOut(Pieces p, long from, long to, boolean must) {
        double out = 0;
        for (int i = p.cut(from, to); i < p.n && Long.compareUnsigned(p.start[i], to) < 0; i++) {
            if ((p.flags[i] & Pieces.LOCKED) != 0) {
                continue;
            }
            allOut(p, i);
            if (must) {
                float known = p.share(Pieces.KNOWN_MIN, i);
                float before = p.share(Pieces.OUT_MIN, i);
                out += p.size(i) * (double) Math.max(0, known - before);
                p.set(Pieces.OUT_MIN, i, Math.max(before, known));
                p.set(Pieces.OUT_MIN_LAZY, i, Math.max(p.share(Pieces.OUT_MIN_LAZY, i), known));
            }
        }
        return out;
    }

    /** In the courses in which most goes out. */
    private void allOut(Pieces p, int i) {
        pagedOutMost += p.size(i) * (1 - (double) p.share(Pieces.OUT_MAX_EAGER, i));
        p.set(Pieces.OUT_MAX, i, 1);
        p.set(Pieces.OUT_MAX_EAGER, i, 1);
    }

    /** Acts on mapped memory in the likely course; returns the bytes changed. */
    double act(Action action, Pieces p, long from, long to) {
        double done = 0;
        for (int i = p.cut(from, to); i < p.n && Long.compareUnsigned(p.start[i], to) < 0; i++) {
            done += act(action, p, i);
        }
        return done;
    }

    private double act(Action action, Pieces p, int i) {
        return switch (action) {
            case STAT -> 0;
            case PAGEOUT -> pageOut(p, i);
            case WILLNEED -> bringIn(p, i);
            case COLD, LRU_DEPRIO -> sort(p, i, -1);
            case LRU_PRIO -> sort(p, i, hottestEpoch);
            case HUGEPAGE, COLLAPSE -> flag(p, i, p.flags[i] | Pieces.HUGE);
            case NOHUGEPAGE -> flag(p, i, p.flags[i] & ~Pieces.HUGE);
            case MLOCK -> {
                p.set(Pieces.OUT_LIKELY, i, 0);
                yield flag(p, i, p.flags[i] | Pieces.LOCKED);
            }
            case MIGRATE_HOT -> promote(p, i);
            case MIGRATE_COLD -> demote(p, i);
            default -> throw new IllegalStateException(action.word());
        };
    }

    private static double bringIn(Pieces p, int i) {
        for (int c = Pieces.OUT_MIN; c <= Pieces.OUT_LIKELY; c++) {
            p.set(c, i, 0);
        }
        return p.size(i);
    }

    private static double flag(Pieces p, int i, int flags) {
        p.flags[i] = flags;
        return p.size(i);
    }

    private double pageOut(Pieces p, int i) {
        float known = p.share(Pieces.KNOWN_LIKELY, i);
        double share = known + (1 - known) * unknownDensity;
        float out = p.share(Pieces.OUT_LIKELY, i);
        if ((p.flags[i] & Pieces.LOCKED) != 0 || share <= out) {
            return 0;
        }
        p.set(Pieces.OUT_LIKELY, i, (float) share);
        // It exists, or it could not be out.
        p.set(Pieces.KNOWN_LIKELY, i, (float) share);
        allOut(p, i);
        return p.size(i) * (share - out);
    }

    private double sort(Pieces p, int i, int touched) {
        double bytes = (double) p.size(i) * p.share(Pieces.KNOWN_LIKELY, i);
        p.touched[i] = touched;
        sorted += bytes;
        return bytes;
    }

    private double promote(Pieces p, int i) {
        double size = p.size(i);
        float known = p.share(Pieces.KNOWN_LIKELY, i);
        float slow = p.share(Pieces.SLOW, i);
        double moves = Math.min(size * slow * known, Math.max(0, step.fastFree));
        if (moves <= 0) {
            return 0;
        }
        p.set(Pieces.SLOW, i, slow - (float) (moves / (size * known)));
        step.fastFree -= moves;
        promoted += moves;
        return moves;
    }

    private double demote(Pieces p, int i) {
        double moves = (double) p.size(i) * (1 - p.share(Pieces.SLOW, i)) * p.share(Pieces.KNOWN_LIKELY, i);
        p.set(Pieces.SLOW, i, 1);
        step.fastFree += moves;
        demoted += moves;
        return moves;
    }
}
