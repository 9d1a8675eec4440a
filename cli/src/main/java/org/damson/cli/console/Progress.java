package org.damson.cli.console;

import java.io.IOException;
import java.io.PrintStream;
import java.util.Timer;
import java.util.TimerTask;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;
import org.damson.exchange.build.SinkFactory;
import org.damson.model.Snapshot;
import org.damson.model.TraceQuery;
import org.damson.model.TraceSink;
import org.damson.model.TraceSource;
import org.damson.model.Units;
import org.damson.model.view.ForwardingSink;
import org.damson.model.view.ForwardingTrace;

/**
 * The status line of a command that takes long: how long it has run and how many snapshots it has gone through, drawn
 * anew in place once a second. It uses no colours and goes before anything else is said.
 */
public final class Progress {
    /** For commands that show no progress. */
    static final Progress NONE = new Progress("", null, () -> 0);

    private static final long PERIOD_MS = 1000;

    private final String verb;
    private final PrintStream to;
    private final LongSupplier clockNs;
    private final long beganNs;
    private final LongAdder snapshots = new LongAdder();
    private Timer timer;
    private int shown;
    private boolean stopped;

    /**
     * Shows nothing until {@link #draw}.
     *
     * @param to where the line goes, null for nowhere
     */
    Progress(String verb, PrintStream to, LongSupplier clockNs) {
        this.verb = verb;
        this.to = to;
        this.clockNs = clockNs;
        beganNs = clockNs.getAsLong();
    }

    /** Draws once a second, on a thread that keeps no process alive. */
    synchronized Progress start() {
        timer = new Timer("damson-progress", true);
        timer.schedule(
                new TimerTask() {
                    @Override
                    public void run() {
                        draw();
                    }
                },
                PERIOD_MS,
                PERIOD_MS);
        return this;
    }

    synchronized void draw() {
        if (to == null || stopped) {
            return;
        }
        long seconds = (clockNs.getAsLong() - beganNs) / 1_000_000_000;
        long n = snapshots.sum();
        String line = verb + ": " + seconds + " s" + (n > 0 ? ", " + Units.count(n, "snapshot") : "");
        to.print("\r" + line + " ".repeat(Math.max(0, shown - line.length())));
        to.flush();
        shown = line.length();
    }

    /** Takes the line away until it is drawn again: something else is to be said. */
    synchronized void clear() {
        if (shown > 0) {
            to.print("\r" + " ".repeat(shown) + "\r");
            to.flush();
            shown = 0;
        }
    }

    /** Takes the line away for good: the result is on its way, or somebody else draws. */
    synchronized void stop() {
        clear();
        stopped = true;
        if (timer != null) {
            timer.cancel();
        }
    }

    /** The trace; what is read of it counts. */
    public TraceSource counting(TraceSource trace) {
        return to == null ? trace : new CountedSource(trace);
    }

    /** The same for what is written. */
    public SinkFactory counting(SinkFactory sinks) {
        return to == null ? sinks : manifest -> new CountedSink(sinks.open(manifest));
    }

    private final class CountedSource extends ForwardingTrace {
        CountedSource(TraceSource trace) {
            super(trace);
        }

        @Override
        public SnapshotCursor snapshots(TraceQuery query) throws IOException {
            SnapshotCursor cursor = super.snapshots(query);
            return new SnapshotCursor() {
                @Override
                public boolean next(Snapshot into) throws IOException {
                    boolean more = cursor.next(into);
                    if (more) {
                        snapshots.increment();
                    }
                    return more;
                }

                @Override
                public void close() throws IOException {
                    cursor.close();
                }
            };
        }
    }

    private final class CountedSink extends ForwardingSink {
        CountedSink(TraceSink sink) {
            super(sink);
        }

        @Override
        public void append(Snapshot snapshot) throws IOException {
            super.append(snapshot);
            snapshots.increment();
        }
    }
}
