package org.damson.recorder.ring;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.damson.model.Batch;
import org.damson.model.Manifest;
import org.damson.model.Snapshot;
import org.damson.model.SnapshotSource;
import org.damson.model.TraceSink;
import org.damson.recorder.ForwardingSource;
import org.damson.recorder.SyntheticSource;
import org.damson.trace.Traces;
import org.damson.trace.WriterOptions;

/**
 * Records without end until killed. Prints the number of each snapshot, and when, before it enters the ring:
 * {@code NUMBER MONOTONIC_NS .}, numbers from 0; and after each flush {@code F COUNT .}, how many are flushed. Arguments: trace, flush interval and segment length in nanoseconds.
 */
public final class NumberedRecording {
    public static final int REGIONS = 30;

    private NumberedRecording() {}

    public static void main(String[] args) throws IOException {
        long flushNs = Long.parseLong(args[1]);
        long segmentNs = Long.parseLong(args[2]);
        SnapshotSource numbered = new ForwardingSource(new SyntheticSource(7, Long.MAX_VALUE, REGIONS, 0.2)) {
            private long number;

            @Override
            public boolean next(Snapshot into) throws IOException, InterruptedException {
                Thread.sleep(1);
                boolean more = super.next(into);
                System.out.println(number++ + " " + System.nanoTime() + " .");
                return more;
            }
        };
        WriterOptions options = new WriterOptions(true, 1 << 19, segmentNs, flushNs, flushNs, null);
        TraceSink sink = Traces.create(Path.of(args[0]), new Manifest(), options);
        RecorderConfig config = new RecorderConfig(64, OverflowPolicy.BLOCK, flushNs, 1_000_000_000);
        try (Recorder r = new Recorder(config, numbered, new Telling(sink), List.of(), System::nanoTime)) {
            r.run();
        }
    }

    /** Says after each flush how many snapshots it covered. */
    private static final class Telling implements TraceSink {
        private final TraceSink sink;
        private long appended;

        Telling(TraceSink sink) {
            this.sink = sink;
        }

        @Override
        public Manifest manifest() {
            return sink.manifest();
        }

        @Override
        public void append(Snapshot snapshot) throws IOException {
            sink.append(snapshot);
            appended++;
        }

        @Override
        public void append(Batch rows) throws IOException {
            sink.append(rows);
        }

        @Override
        public void flush() throws IOException {
            sink.flush();
            System.out.println("F " + appended + " .");
        }

        @Override
        public void close() throws IOException {
            sink.close();
        }
    }
}
