package org.damson.analyzer.memory;

import org.damson.analyzer.scan.Bounded;

/** Bytes of memory by place at the end of a turn, with schemes. */
final class Levels {
    double known;
    /** Resident size that a recording has, else the memory seen touched so far. */
    double resident;

    Bounded out = Bounded.ZERO;
    double huge;
    double locked;

    /** @param rss bytes recorded as resident, which bound what is out; -1: not recorded */
    void measure(TargetMemories memories, long rss) {
        double[] sums = new double[Pieces.COLUMNS];
        huge = 0;
        locked = 0;
        for (TargetMemories.Memory m : memories.all()) {
            add(m.with, sums);
        }
        known = sums[Pieces.KNOWN_LIKELY];
        resident = rss >= 0 ? rss : known;
        double bound = rss >= 0 ? rss : Double.POSITIVE_INFINITY;
        out = Bounded.of(
                Math.min(sums[Pieces.OUT_MIN], bound),
                Math.min(sums[Pieces.OUT_LIKELY], bound),
                Math.min(sums[Pieces.OUT_MAX], bound));
    }

    /** Adds a target's pieces; most of them exist as a whole, and nothing of them is out. */
    private void add(Pieces p, double[] sums) {
        double outLeast = sums[Pieces.OUT_MIN];
        double outLikely = sums[Pieces.OUT_LIKELY];
        double outMost = sums[Pieces.OUT_MAX];
        double sumKnown = sums[Pieces.KNOWN_LIKELY];
        int seen = 0;
        for (int i = 0; i < p.n; i++) {
            double size = p.size(i);
            int flags = p.flags[i];
            seen |= flags;
            if ((flags & Pieces.SETTLED) != 0) {
                sumKnown += size;
            } else {
                sumKnown += size * p.share(Pieces.KNOWN_LIKELY, i);
                outLeast += size * p.share(Pieces.OUT_MIN, i);
                outLikely += size * p.share(Pieces.OUT_LIKELY, i);
                outMost += size * p.share(Pieces.OUT_MAX, i);
            }
        }
        sums[Pieces.OUT_MIN] = outLeast;
        sums[Pieces.OUT_LIKELY] = outLikely;
        sums[Pieces.OUT_MAX] = outMost;
        sums[Pieces.KNOWN_LIKELY] = sumKnown;
        if ((seen & (Pieces.HUGE | Pieces.LOCKED)) != 0) {
            addFlagged(p);
        }
    }

    private void addFlagged(Pieces p) {
        for (int i = 0; i < p.n; i++) {
            double size = p.size(i);
            huge += (p.flags[i] & Pieces.HUGE) != 0 ? size : 0;
            locked += (p.flags[i] & Pieces.LOCKED) != 0 ? size : 0;
        }
    }
}
