package org.damson.analyzer.scan;

import java.util.List;
import java.util.Set;
import org.damson.model.Manifest;
import org.damson.model.ManifestKey;

/**
 * Which process's memory a target is. Referenced bits call targets by their processes; DAMON numbers them, in the order of the processes
 * recorded.
 */
public final class TargetPids {
    private final List<?> recorded;
    private final boolean isPhysical;

    private TargetPids(List<?> recorded, boolean isPhysical) {
        this.recorded = recorded;
        this.isPhysical = isPhysical;
    }

    public static TargetPids of(Manifest manifest) {
        return new TargetPids(ManifestKey.PIDS_RECORDED.list(manifest), "paddr".equals(ManifestKey.OPS.get(manifest)));
    }

    /** Whether addresses are those of the machine's memory, which belong to no process. */
    public boolean isPhysical() {
        return isPhysical;
    }

    /**
     * The process of a target; -1 if nobody says.
     *
     * @param known processes that something is known of; 0, which the kernel idles in, has no memory
     */
    public int of(long target, Set<Integer> known) {
        return isPhysical ? -1 : ofProcesses(target, known);
    }

    private int ofProcesses(long target, Set<Integer> known) {
        if (target > 0 && target <= Integer.MAX_VALUE && known.contains((int) target)) {
            return (int) target;
        }
        boolean isListed = target >= 0 && target < recorded.size();
        return isListed && recorded.get((int) target) instanceof Number n ? n.intValue() : -1;
    }

    /**
     * The same of a trace that has processes beside its targets: where one alone is known, every target is that one's memory.
     *
     * @param known as there
     */
    public int orLone(long target, Set<Integer> known) {
        int pid = ofProcesses(target, known);
        return pid >= 0 || known.size() != 1 ? pid : known.iterator().next();
    }
}
