package org.damson.analyzer.certificate;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.damson.model.Snapshot;
import org.damson.model.Table;
import org.damson.model.TraceSource;

/** When a trace's samples were taken, where it says so: those of referenced bits come late on a busy machine. */
final class SampleTimes {
    private static final int FROM = Table.SAMPLING.indexOf("from_ns");
    private static final int TO = Table.SAMPLING.indexOf("to_ns");
    private static final int CLEAR = Table.SAMPLING.indexOf("clear_ns");
    private static final int READ = Table.SAMPLING.indexOf("read_ns");

    private final TreeMap<Long, Window> byBegin = new TreeMap<>();

    private SampleTimes() {}

    static SampleTimes of(TraceSource trace) throws IOException {
        SampleTimes times = new SampleTimes();
        trace.forEachRow(Table.SAMPLING, (b, i) -> {
            double from = b.get(FROM, i);
            double to = b.get(TO, i);
            double least = Math.min(from + Math.max(0, b.get(CLEAR, i)), to);
            times.byBegin.put(
                    b.get(FROM, i), new Window(least, Math.max(least, to - Math.max(0, b.get(READ, i))), from, to));
        });
        return times;
    }

    /** The samples of a snapshot; as many as it says, of one length and evenly spread, if the trace does not tell their times. */
    List<Window> of(Snapshot s, long windowNs) {
        Map<Long, Window> known = byBegin.subMap(s.startNs, s.endNs);
        return known.isEmpty()
                ? Window.spread(s.startNs, s.endNs, windowNs, s.maxNrAccesses())
                : new ArrayList<>(known.values());
    }
}
