package org.damson.recorder;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import org.damson.model.Batch;
import org.damson.model.Table;

/** Changes of the watched processes' mappings: a row when one appears, changes or vanishes. */
final class MappingsSampler implements Sampler {
    private record Area(long pid, long start, long end, String permissions, String name) {}

    private final Supplier<long[]> pids;
    private final Map<Long, Set<Area>> known = new HashMap<>();

    MappingsSampler(Supplier<long[]> pids) {
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
            Set<Area> before = known.getOrDefault(pid, Set.of());
            Set<Area> now = new HashSet<>();
            for (String line : Proc.text(Path.of("/proc/" + pid + "/maps")).split("\n")) {
                String[] f = line.split("\\s+", 6);
                if (f.length >= 5) {
                    int dash = f[0].indexOf('-');
                    Area a = new Area(
                            pid,
                            Long.parseUnsignedLong(f[0].substring(0, dash), 16),
                            Long.parseUnsignedLong(f[0].substring(dash + 1), 16),
                            f[1],
                            f.length == 6 ? f[5] : "");
                    now.add(a);
                    if (!before.contains(a)) {
                        row(timeNs, a, 0, out);
                    }
                }
            }
            gone(timeNs, before, now, out);
            known.put(pid, now);
        }
        for (Iterator<Map.Entry<Long, Set<Area>>> i = known.entrySet().iterator(); i.hasNext(); ) {
            Map.Entry<Long, Set<Area>> e = i.next();
            if (!alive.contains(e.getKey())) {
                gone(timeNs, e.getValue(), Set.of(), out);
                i.remove();
            }
        }
    }

    private static void gone(long timeNs, Set<Area> before, Set<Area> now, Batch out) {
        for (Area a : before) {
            if (!now.contains(a)) {
                row(timeNs, a, 1, out);
            }
        }
    }

    private static void row(long timeNs, Area a, int gone, Batch out) {
        out.add(timeNs, a.pid, a.start, a.end, a.permissions, a.name, gone);
    }
}
