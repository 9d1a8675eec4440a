package org.damson.recorder;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.damson.model.Batch;
import org.damson.model.Manifest;
import org.damson.model.MonitoringAttrs;
import org.damson.model.Snapshot;
import org.damson.model.SnapshotSource;
import org.damson.model.TraceSink;
import org.damson.trace.Traces;
import org.damson.trace.WriterOptions;

/** Records without end until killed; prints how many snapshots each completed flush covers. */
final class NumberedRecording {
    private NumberedRecording() {}

    public static void main(String[] args) throws IOException {
        long flushNs = 5_000_000;
        Manifest manifest = new Manifest();
        TraceSink real = Traces.create(
                Path.of(args[0]), manifest, new WriterOptions(true, 1 << 12, 600_000_000_000L, flushNs, flushNs, null));
        TraceSink sink = new TraceSink() {
            private long appended;

            @Override
            public Manifest manifest() {
                return real.manifest();
            }

            @Override
            public void append(Snapshot s) throws IOException {
                real.append(s);
                appended++;
            }

            @Override
            public void append(Batch rows) throws IOException {
                real.append(rows);
            }

            @Override
            public void flush() throws IOException {
                real.flush();
                System.out.println(appended);
            }

            @Override
            public void close() throws IOException {
                real.close();
            }
        };
        SyntheticSource synthetic = new SyntheticSource(7, Long.MAX_VALUE, 30, 0.2);
        SnapshotSource slow = new SnapshotSource() {
            @Override
            public String name() {
                return synthetic.name();
            }

            @Override
            public MonitoringAttrs attrs() {
                return synthetic.attrs();
            }

            @Override
            public void describe(Manifest m) {
                synthetic.describe(m);
            }

            @Override
            public boolean next(Snapshot into) throws InterruptedException {
                Thread.sleep(0, 200_000);
                return synthetic.next(into);
            }

            @Override
            public void close() {
                synthetic.close();
            }
        };
        RecorderConfig config = new RecorderConfig(64, OverflowPolicy.BLOCK, flushNs, 1_000_000_000);
        try (Recorder r = new Recorder(config, slow, sink, List.of(), System::nanoTime)) {
            r.run();
        }
    }
}
