package org.damson.recorder.system;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import org.damson.model.Batch;
import org.damson.model.Mapping;
import org.damson.model.Table;
import org.damson.model.text.MapsLine;
import org.damson.recorder.ring.Sampler;

/** Changes of the watched processes' mappings: a row when one appears, changes or vanishes. */
public final class MappingsSampler implements Sampler {
    private final Supplier<long[]> pids;
    private final Map<Long, Set<Mapping>> known = new HashMap<>();

    public MappingsSampler(Supplier<long[]> pids) {
        this.pids = pids;
    }

    @Override
    public Table table() {
        return Table.MAPPINGS;
    }

    @Override
    public void sample(long timeNs, Batch out) {
        Set<Long> alive = new HashSet<>();
        for (long pid : pids.get()) {
            alive.add(pid);
            Set<Mapping> before = known.getOrDefault(pid, Set.of());
            Set<Mapping> now = new HashSet<>();
            for (String line : Proc.text(Path.of("/proc/" + pid + "/maps")).split("\n")) {
                MapsLine mapped = MapsLine.of(line);
                if (mapped != null) {
                    Mapping m = new Mapping(pid, mapped.start(), mapped.end(), mapped.permissions(), mapped.name());
                    now.add(m);
                    if (!before.contains(m)) {
                        m.addTo(out, timeNs, false);
                    }
                }
            }
            gone(timeNs, before, now, out);
            known.put(pid, now);
        }
        for (Iterator<Map.Entry<Long, Set<Mapping>>> i = known.entrySet().iterator(); i.hasNext(); ) {
            Map.Entry<Long, Set<Mapping>> e = i.next();
            if (!alive.contains(e.getKey())) {
                gone(timeNs, e.getValue(), Set.of(), out);
                i.remove();
            }
        }
    }

    private static void gone(long timeNs, Set<Mapping> before, Set<Mapping> now, Batch out) {
        for (Mapping m : before) {
            if (!now.contains(m)) {
                m.addTo(out, timeNs, true);
            }
        }
    }
}
