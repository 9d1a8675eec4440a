package org.damson.model.stacks;

import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import org.damson.model.Table;
import org.damson.model.TraceSource;

/** Names of threads by time, from the table of threads. Memory is bounded: further threads, or names, are unknown. */
public final class ThreadNames {
    private static final int MAX_NAMES = 1 << 18;

    private static final int TIME = Table.THREADS.indexOf("time_ns");
    private static final int PID = Table.THREADS.indexOf("pid");
    private static final int TID = Table.THREADS.indexOf("tid");
    private static final int NAME = Table.THREADS.indexOf("name");
    private static final int GONE = Table.THREADS.indexOf("gone");

    private record Key(int pid, int tid) {}

    private final Map<Key, TreeMap<Long, String>> names = new HashMap<>();
    private int count;

    private ThreadNames() {}

    /** Those of a trace. */
    public static ThreadNames of(TraceSource trace) throws IOException {
        ThreadNames all = new ThreadNames();
        trace.forEachRow(Table.THREADS, (b, r) -> {
            if (b.get(GONE, r) == 0) {
                all.add(new Key((int) b.get(PID, r), (int) b.get(TID, r)), b.get(TIME, r), b.text(NAME, r));
            }
        });
        return all;
    }

    private void add(Key key, long fromNs, String name) {
        if (count < MAX_NAMES) {
            count += names.computeIfAbsent(key, k -> new TreeMap<>()).put(fromNs, name) == null ? 1 : 0;
        }
    }

    /** The last name of a thread until a time, or its first after it; empty if unknown. */
    public String at(int pid, int tid, long timeNs) {
        TreeMap<Long, String> of = names.get(new Key(pid, tid));
        if (of == null) {
            return "";
        }
        Map.Entry<Long, String> last = of.floorEntry(timeNs);
        return (last == null ? of.firstEntry() : last).getValue();
    }
}
