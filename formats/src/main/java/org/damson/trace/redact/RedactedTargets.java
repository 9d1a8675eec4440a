package org.damson.trace.redact;

import java.io.IOException;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.damson.model.Table;
import org.damson.model.TraceSource;

/**
 * What targets are called in a redacted trace. A target is a process's id, a place in the manifest's list of processes or, as old
 * kernels have it, an address. Which process a target is must still be found: an id stays that of its process, a place stays,
 * and all others are numbered.
 */
final class RedactedTargets {
    private final Pseudonyms pseudonyms;
    private final int listed;
    private final TreeMap<Long, Long> all = new TreeMap<>(Long::compareUnsigned);

    /** @param listed processes in the manifest's list */
    RedactedTargets(Pseudonyms pseudonyms, int listed) {
        this.pseudonyms = pseudonyms;
        this.listed = listed;
    }

    void add(long target) {
        all.put(target, target);
    }

    /** Decides what each target becomes; none may be added after this. */
    void settle(TraceSource trace) throws IOException {
        Set<Long> processes = new HashSet<>();
        for (Table table : List.of(Table.MAPPINGS, Table.MEMORY, Table.SAMPLES)) {
            int pid = table.indexOf("pid");
            trace.forEachRow(table, (rows, r) -> processes.add(rows.get(pid, r)));
        }
        long number = listed;
        for (Map.Entry<Long, Long> target : all.entrySet()) {
            long old = target.getKey();
            if (old > 0 && processes.contains(old)) {
                target.setValue(pseudonyms.pid(old));
            } else if (old < 0 || old >= listed) {
                target.setValue(number++);
            }
        }
    }

    long of(long target) {
        return all.get(target);
    }
}
