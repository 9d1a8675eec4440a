package org.damson.symbols;

import java.io.IOException;
import java.util.Map;
import org.damson.model.Batch;
import org.damson.model.Table;
import org.damson.model.TraceSource;
import org.damson.model.stacks.Frame;
import org.damson.model.view.ForwardingTrace;

/** A trace whose call stacks have names; everything else is unchanged. Closing it closes the trace. */
public final class SymbolizedTrace extends ForwardingTrace {
    private static final int BATCH_ROWS = 1 << 12;
    private static final int PID = Table.SAMPLES.indexOf("pid");
    private static final int STACK = Table.SAMPLES.indexOf("stack_id");
    private static final int SOURCE = Table.FRAMES.indexOf("source");

    private final NamedStacks named;
    private final SymbolReport report;

    SymbolizedTrace(TraceSource trace, NamedStacks named, SymbolReport report) {
        super(trace);
        this.named = named;
        this.report = report;
    }

    /** Result of looking up the places without a name. */
    public SymbolReport report() {
        return report;
    }

    @Override
    public BatchCursor rows(Table table) throws IOException {
        return switch (table) {
            case FRAMES -> new Frames();
            case STACKS -> new Stacks();
            case SAMPLES -> named.moved.isEmpty() ? super.rows(table) : new Samples(super.rows(table));
            default -> super.rows(table);
        };
    }

    @Override
    public long rowCount(Table table) throws IOException {
        return switch (table) {
            case FRAMES -> named.frames.size();
            case STACKS -> named.stacks.stream().mapToLong(s -> s.length).sum();
            default -> super.rowCount(table);
        };
    }

    private final class Frames implements BatchCursor {
        private final Batch batch = new Batch(Table.FRAMES);
        private int next;

        Frames() {
            batch.setPresent(
                    SOURCE, named.frames.stream().anyMatch(f -> !f.source().isEmpty()));
        }

        @Override
        public Batch next() {
            batch.clear();
            for (; next < named.frames.size() && batch.rows() < BATCH_ROWS; next++) {
                Frame f = named.frames.get(next);
                batch.add(next, f.function(), f.module(), f.buildId(), f.offset(), f.source());
            }
            return batch.rows() == 0 ? null : batch;
        }

        @Override
        public void close() {}
    }

    private final class Stacks implements BatchCursor {
        private final Batch batch = new Batch(Table.STACKS);
        private int next;

        @Override
        public Batch next() {
            batch.clear();
            for (; next < named.stacks.size() && batch.rows() < BATCH_ROWS; next++) {
                int[] stack = named.stacks.get(next);
                for (int d = 0; d < stack.length; d++) {
                    batch.add(named.ids.get(next), d, stack[d]);
                }
            }
            return batch.rows() == 0 ? null : batch;
        }

        @Override
        public void close() {}
    }

    private final class Samples implements BatchCursor {
        private final BatchCursor from;
        private final Batch batch = new Batch(Table.SAMPLES);

        Samples(BatchCursor from) {
            this.from = from;
        }

        @Override
        public Batch next() throws IOException {
            Batch rows = from.next();
            if (rows == null) {
                return null;
            }
            batch.clear();
            batch.append(rows);
            for (int i = 0; i < batch.rows(); i++) {
                Map<Integer, Long> moved = named.moved.get(batch.get(STACK, i));
                Long id = moved == null ? null : moved.get((int) batch.get(PID, i));
                if (id != null) {
                    batch.set(STACK, i, id);
                }
            }
            return batch;
        }

        @Override
        public void close() throws IOException {
            from.close();
        }
    }
}
