package org.damson.analyzer.workingset;

import java.io.IOException;
import org.damson.model.TraceQuery;
import org.damson.model.TraceSource;

/** How much memory is needed, and how much is resident. */
public record Sizing(WorkingSetResult needed, Footprint footprint) {
    public static Sizing compute(TraceSource source, TraceQuery query) throws IOException {
        return new Sizing(
                WorkingSet.compute(source, query, WorkingSetOptions.DEFAULTS), Footprint.compute(source, query));
    }
}
