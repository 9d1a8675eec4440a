package org.damson.analyzer.memory;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.damson.analyzer.scan.TargetKey;
import org.damson.model.Snapshot;

/** The memory of all targets of all kdamond contexts, in this turn of one of them. */
final class TargetMemories {
    private record Key(int kdamond, int context, long target) {}

    /** One target's. */
    static final class Memory {
        final Pieces with = new Pieces();
        /** The same without schemes; null where that is the recording itself. */
        Pieces without;

        private long seenTurn;
    }

    private record Victim(Pieces p, int i) {}

    private final Map<Key, Memory> memories = new LinkedHashMap<>();
    private int kdamond;
    private int context;
    private long turn;
    /** Memory of the target last asked for in this turn. */
    private Memory last;

    private long lastTarget;

    void turnBegins(int kdamondIndex, int contextIndex) {
        kdamond = kdamondIndex;
        context = contextIndex;
        last = null;
        turn++;
    }

    Memory of(long target) {
        if (last == null || lastTarget != target) {
            last = memories.computeIfAbsent(new Key(kdamond, context, target), k -> new Memory());
            lastTarget = target;
        }
        return last;
    }

    /** The same of a target that this turn has a snapshot of. */
    Memory seen(long target) {
        Memory m = of(target);
        m.seenTurn = turn;
        return m;
    }

    /** Forgets the targets of the context that this turn had no snapshot of: they are gone. */
    void turnEnds() {
        memories.entrySet()
                .removeIf(e -> e.getKey().kdamond() == kdamond
                        && e.getKey().context() == context
                        && e.getValue().seenTurn != turn);
    }

    /** Tells what is out of the targets of the context whose turn it is. */
    void tellOut(OutListener listener) {
        memories.forEach((key, m) -> {
            if (key.kdamond() != kdamond || key.context() != context) {
                return;
            }
            TargetKey target = new TargetKey(kdamond, context, Snapshot.NO_SCHEME, key.target());
            for (int i = 0; i < m.with.n; i++) {
                float share = m.with.share(Pieces.OUT_LIKELY, i);
                if (share > 0) {
                    listener.out(target, m.with.start[i], m.with.end[i], Math.min(1, share));
                }
            }
        });
    }

    Collection<Memory> all() {
        return memories.values();
    }

    /** Bytes that likely exist, with schemes. */
    double knownBytes() {
        double sum = 0;
        for (Memory m : memories.values()) {
            sum += m.with.sum(Pieces.KNOWN_LIKELY);
        }
        return sum;
    }

    /** Takes out what was touched longest ago until the rest fits. */
    void limit(boolean withSchemes, long limitBytes) {
        double resident = 0;
        List<Victim> all = new ArrayList<>();
        for (Memory m : memories.values()) {
            Pieces p = withSchemes ? m.with : m.without;
            for (int i = 0; p != null && i < p.n; i++) {
                double in = p.share(Pieces.KNOWN_LIKELY, i) - p.share(Pieces.OUT_LIKELY, i);
                if (in > 0) {
                    resident += p.size(i) * in;
                    if ((p.flags[i] & Pieces.LOCKED) == 0) {
                        all.add(new Victim(p, i));
                    }
                }
            }
        }
        double over = resident - limitBytes;
        if (over <= 0) {
            return;
        }
        all.sort((a, b) -> Integer.compare(a.p().touched[a.i()], b.p().touched[b.i()]));
        for (Victim v : all) {
            float out = v.p().share(Pieces.OUT_LIKELY, v.i());
            double size = v.p().size(v.i());
            double in = size * (v.p().share(Pieces.KNOWN_LIKELY, v.i()) - out);
            double goes = Math.min(in, over);
            v.p().set(Pieces.OUT_LIKELY, v.i(), out + (float) (goes / size));
            over -= goes;
            if (over <= 0) {
                return;
            }
        }
    }
}
