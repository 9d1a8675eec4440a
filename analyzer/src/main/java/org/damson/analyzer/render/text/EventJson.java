package org.damson.analyzer.render.text;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Set;
import org.damson.analyzer.objects.TraceEvents;
import org.damson.model.Batch;
import org.damson.model.Column;
import org.damson.model.ColumnType;
import org.damson.model.Snapshot;
import org.damson.model.Table;
import org.damson.model.TraceQuery;
import org.damson.model.TraceSource;
import org.damson.model.Units;

/**
 * The events of a trace as one JSON object with an array, an object each: its time in nanoseconds of the trace's clock, its
 * name, and its fields under the names of the table's columns; addresses are hexadecimal text.
 */
public final class EventJson implements TraceEvents.Visitor, Closeable {
    private static final Set<String> ADDRESSES = Set.of("start", "end");

    private final JsonGenerator g;

    private EventJson(OutputStream out) throws IOException {
        g = new JsonFactory().createGenerator(out);
        g.disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET);
        g.writeStartObject();
        g.writeArrayFieldStart("events");
    }

    /** As {@link EventLines#write}; leaves {@code out} open. */
    public static void write(TraceSource trace, TraceQuery query, Set<String> events, OutputStream out)
            throws IOException {
        try (EventJson json = new EventJson(out)) {
            TraceEvents.each(trace, query, events, json);
        }
    }

    @Override
    public void regions(Snapshot s) throws IOException {
        for (int i = 0; i < s.regions; i++) {
            g.writeStartObject();
            g.writeNumberField("time_ns", s.endNs);
            g.writeStringField("event", "damon_aggregated");
            g.writeNumberField("kdamond", s.kdamond);
            g.writeNumberField("context", s.context);
            if (s.scheme != Snapshot.NO_SCHEME) {
                g.writeNumberField("scheme", s.scheme);
            }
            target(s.target);
            g.writeNumberField("region", i);
            g.writeNumberField("regions", s.regions);
            g.writeStringField("start", Units.address(s.start[i]));
            g.writeStringField("end", Units.address(s.end[i]));
            g.writeFieldName("bytes");
            g.writeNumber(Long.toUnsignedString(s.end[i] - s.start[i]));
            g.writeNumberField("nr_accesses", s.nrAccesses[i]);
            if (s.has(Snapshot.HAS_AGE) && s.age[i] >= 0) {
                g.writeNumberField("age", s.age[i]);
            }
            g.writeEndObject();
        }
    }

    @Override
    public void row(String event, Table table, String timeColumn, Batch b, int row) throws IOException {
        g.writeStartObject();
        g.writeNumberField("time_ns", b.get(table.indexOf(timeColumn), row));
        g.writeStringField("event", event);
        for (Column c : table.columns()) {
            int i = table.indexOf(c.name());
            if (c.name().equals("time_ns")) {
                continue;
            }
            if (c.name().equals("target")) {
                target(b.get(i, row));
            } else if (ADDRESSES.contains(c.name())) {
                g.writeStringField(c.name(), Units.address(b.get(i, row)));
            } else if (c.type() == ColumnType.STRING) {
                g.writeStringField(c.name(), b.text(i, row));
            } else {
                g.writeNumberField(c.name(), b.get(i, row));
            }
        }
        g.writeEndObject();
    }

    private void target(long id) throws IOException {
        g.writeFieldName("target");
        g.writeNumber(Long.toUnsignedString(id));
    }

    @Override
    public void close() throws IOException {
        g.writeEndArray();
        g.writeEndObject();
        g.writeRaw('\n');
        g.close();
    }
}
