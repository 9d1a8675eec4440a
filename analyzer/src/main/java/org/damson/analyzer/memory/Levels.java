package org.damson.analyzer.memory;

import org.damson.analyzer.scan.Bounded;

/** How much memory is where at the end of a turn, with schemes. Bytes. */
final class Levels {
    double known;
    /** What a recording tells, or what was seen touched so far. */
    double resident;

    Bounded out = Bounded.ZERO;
    double huge;
    double locked;

    /** @param rss bytes recorded as resident, which bound what is out; -1: not recorded */
    void measure(TargetMemories memories, long rss) {
        double outLeast = 0;
        double outLikely = 0;
        double outMost = 0;
        known = 0;
        huge = 0;
        locked = 0;
        for (TargetMemories.Memory m : memories.all()) {
            Pieces p = m.with;
            for (int i = 0; i < p.n; i++) {
                double size = p.size(i);
                known += size * p.share(Pieces.KNOWN_LIKELY, i);
                outLeast += size * p.share(Pieces.OUT_LEAST, i);
                outLikely += size * p.share(Pieces.OUT_LIKELY, i);
                outMost += size * p.share(Pieces.OUT_MOST, i);
                if (p.flags[i] != 0) {
                    huge += (p.flags[i] & Pieces.HUGE) != 0 ? size : 0;
                    locked += (p.flags[i] & Pieces.LOCKED) != 0 ? size : 0;
                }
            }
        }
        resident = rss >= 0 ? rss : known;
        double bound = rss >= 0 ? rss : Double.POSITIVE_INFINITY;
        out = Bounded.of(Math.min(outLeast, bound), Math.min(outLikely, bound), Math.min(outMost, bound));
    }
}
