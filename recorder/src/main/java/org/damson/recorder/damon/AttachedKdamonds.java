package org.damson.recorder.damon;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.damson.model.ManifestKey;
import org.damson.model.MonitoringAttrs;
import org.damson.recorder.kernel.Kernel;

/** Kdamonds that others run; they may come and go. */
final class AttachedKdamonds implements Session {
    private final Kernel kernel;
    private final Path sys;
    private final DamonUsers atStart;
    private final List<Object> seen = new ArrayList<>();
    private int nextNumber;

    AttachedKdamonds(Kernel kernel, Path sys) throws IOException {
        this.kernel = kernel;
        this.sys = sys;
        atStart = DamonUsers.look(kernel, sys);
        nextNumber = atStart.configured();
    }

    @Override
    public MonitoringAttrs attrs() {
        // Only one kdamond can be described in one place; the others' intervals are in their snapshots.
        return atStart.running().isEmpty()
                ? MonitoringAttrs.DEFAULTS
                : atStart.running().get(0).attrs();
    }

    @Override
    public void describe(Map<String, Object> recording) {
        ManifestKey.ATTACHED.put(recording, true);
        ManifestKey.KDAMONDS.put(recording, seen);
    }

    @Override
    public Facts of(int thread) {
        DamonUsers.Kdamond k = whoRunsAs(thread);
        boolean known = k != null;
        MonitoringAttrs attrs = known ? k.attrs() : MonitoringAttrs.DEFAULTS;
        int number = known && k.index() >= 0 ? k.index() : nextNumber++;
        Map<String, Object> fact = new LinkedHashMap<>();
        fact.put("kdamond", (long) number);
        fact.put("thread", (long) thread);
        fact.put("holder", known ? k.holder() : "unknown");
        if (known && !k.operations().isEmpty()) {
            fact.put("operations", k.operations());
        }
        boolean assumed = attrs.origin() != MonitoringAttrs.IntervalsOrigin.RECORDED;
        fact.put("intervals", assumed ? "assumed" : "recorded");
        seen.add(fact);
        return new Facts(number, attrs.sampleUs(), attrs.aggrUs(), assumed, known ? k.addrUnit() : 1);
    }

    /** Null if nobody is known to: its intervals are assumed then, and marked so. */
    private DamonUsers.Kdamond whoRunsAs(int thread) {
        try {
            return DamonUsers.look(kernel, sys).byThread(thread);
        } catch (IOException e) {
            return null;
        }
    }

    @Override
    public boolean tick(long nowNs) {
        return true;
    }

    @Override
    public void close() {
        // Nothing was changed.
    }
}
