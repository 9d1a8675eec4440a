package org.damson.replayer.memory;

import java.io.IOException;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.damson.model.Manifest;
import org.damson.model.ManifestKey;
import org.damson.model.Mapping;
import org.damson.model.Table;
import org.damson.model.TraceFormatException;
import org.damson.model.TraceSource;

/** The processes of which a trace has mappings, and the process of each target. */
public final class MappedProcesses {
    private static final int MAX_PROCESSES = 1 << 18;

    private MappedProcesses() {}

    /** The process of a target: the target itself, a process named by the manifest, or the only one; null if unknown. */
    public static Long of(TraceSource trace, long target, Set<Long> mapped) {
        Manifest m = trace.manifest();
        if (Manifest.Source.REFERENCED.is(m) && mapped.contains(target)) {
            return target;
        }
        for (Object o : ManifestKey.PROCESSES.list(m)) {
            if (o instanceof Map<?, ?> p
                    && p.get("target") instanceof Number t
                    && t.longValue() == target
                    && p.get("pid") instanceof Number pid) {
                return mapped.contains(pid.longValue()) ? pid.longValue() : null;
            }
        }
        List<?> pids = ManifestKey.PIDS_RECORDED.list(m);
        if (target >= 0 && target < pids.size() && pids.get((int) target) instanceof Number pid) {
            return mapped.contains(pid.longValue()) ? pid.longValue() : null;
        }
        return mapped.contains(target)
                ? Long.valueOf(target)
                : mapped.size() == 1 ? mapped.iterator().next() : null;
    }

    /** Processes of which the trace has mappings. */
    public static Set<Long> all(TraceSource trace) throws IOException {
        Set<Long> pids = new HashSet<>();
        trace.forEachRow(Table.MAPPINGS, (b, i) -> {
            if (pids.add(Mapping.of(b, i).pid()) && pids.size() > MAX_PROCESSES) {
                throw new TraceFormatException(
                        trace.name(), "mappings", "of more than " + MAX_PROCESSES + " processes");
            }
        });
        return pids;
    }
}
