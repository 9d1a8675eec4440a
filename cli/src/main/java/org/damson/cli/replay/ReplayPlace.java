package org.damson.cli.replay;

import java.util.ArrayList;
import java.util.List;
import org.damson.analyzer.scan.Area;
import org.damson.analyzer.scan.TargetKey;
import org.damson.replayer.ReplayPlan;

/**
 * Memory of a replay in which the original accessed something at some time.
 *
 * @param process which process of the plan, the first is 0
 * @param start its first address, unsigned
 * @param end one past the last
 */
record ReplayPlace(int process, long start, long end) {
    /** Those of a plan, in its order. */
    static List<ReplayPlace> of(ReplayPlan plan) {
        List<ReplayPlace> all = new ArrayList<>();
        for (int i = 0; i < plan.processes().size(); i++) {
            for (ReplayPlan.Place p : plan.processes().get(i).places()) {
                all.add(new ReplayPlace(i, p.replayStart(), p.replayEnd()));
            }
        }
        return all;
    }

    /** The same memory in the original, in the same order. */
    static List<Area> originals(ReplayPlan plan) {
        List<Area> all = new ArrayList<>();
        for (ReplayPlan.Target t : plan.processes()) {
            TargetKey key = new TargetKey(t.kdamond(), t.context(), t.scheme(), t.target());
            for (ReplayPlan.Place p : t.places()) {
                all.add(new Area(key, p.start(), p.end(), 0));
            }
        }
        return all;
    }

    Area area(TargetKey target) {
        return new Area(target, start, end, 0);
    }
}
