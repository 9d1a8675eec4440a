package org.damson.engine;

import java.io.IOException;
import java.util.concurrent.CountDownLatch;
import org.damson.model.Snapshot;
import org.damson.recorder.ForwardingSource;
import org.damson.recorder.ring.LiveSource;

/** A source that ends when it is told to, and tells when its targets run. */
final class StoppableSource extends ForwardingSource {
    private final Object lock = new Object();
    private final CountDownLatch begun;

    // Guarded by lock.
    private boolean stopped;
    private Thread waiting;

    StoppableSource(LiveSource source, CountDownLatch begun) {
        super(source);
        this.begun = begun;
    }

    @Override
    public void targetsRun() throws IOException {
        super.targetsRun();
        begun.countDown();
    }

    /** Lets {@link #next} return at once, now and from now on. */
    void stop() {
        synchronized (lock) {
            stopped = true;
            if (waiting != null) {
                waiting.interrupt();
            }
        }
    }

    @Override
    public boolean next(Snapshot into) throws IOException, InterruptedException {
        synchronized (lock) {
            if (stopped) {
                return false;
            }
            waiting = Thread.currentThread();
        }
        try {
            return super.next(into);
        } catch (InterruptedException e) {
            if (isStopped()) {
                return false;
            }
            throw e;
        } finally {
            synchronized (lock) {
                waiting = null;
                if (stopped) {
                    // An interrupt that came too late for the source must not hit the code that seals the trace.
                    Thread.interrupted();
                }
            }
        }
    }

    private boolean isStopped() {
        synchronized (lock) {
            return stopped;
        }
    }
}
