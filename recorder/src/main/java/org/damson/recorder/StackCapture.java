package org.damson.recorder;

import java.io.Closeable;
import java.io.IOException;
import java.util.List;
import org.damson.model.Manifest;
import org.damson.model.ManifestKey;
import org.damson.model.MissingCapabilityException;
import org.damson.recorder.ring.Feed;
import org.damson.recorder.stacks.StackRecorder;
import org.damson.recorder.stacks.StackRequest;
import org.damson.recorder.stacks.StackResult;

/** Call stacks beside the snapshots of a recording, if they are wanted and can be had: without them it goes on all the same. */
final class StackCapture implements Closeable {
    private static final int USUAL_PAGE_BYTES = 4096;

    private final StackRecorder recorder;
    private final StackResult refused;

    private StackCapture(StackRecorder recorder, StackResult refused) {
        this.recorder = recorder;
        this.refused = refused;
    }

    /**
     * Opens the events.
     *
     * @param request null if no call stacks are wanted
     * @param facts of the recording; gets what is known of the call stacks
     */
    static StackCapture of(StackRequest request, List<Long> pids, Manifest facts, RecordingStatus status)
            throws IOException {
        if (request == null) {
            return new StackCapture(null, null);
        }
        int pageBytes = (int) ManifestKey.PAGE_SIZE.number(facts, USUAL_PAGE_BYTES);
        try {
            StackRecorder recorder = StackRecorder.attach(request, pids, pageBytes, System::nanoTime, status::notice);
            recorder.describe(facts);
            return new StackCapture(recorder, null);
        } catch (MissingCapabilityException e) {
            status.notice(e.getMessage());
            ManifestKey.STACKS_REFUSED.put(facts, e.getMessage());
            return new StackCapture(null, new StackResult(0, 0, 0, 0, e.getMessage()));
        }
    }

    List<Feed> feeds() {
        return recorder == null ? List.of() : List.of(recorder);
    }

    /** Adds what is known when all rows have been handed over. */
    void summarize(Manifest manifest) {
        if (recorder != null) {
            recorder.summarize(manifest);
        }
    }

    /** The result; null if no call stacks were requested. */
    StackResult result() {
        return recorder == null ? refused : recorder.result();
    }

    @Override
    public void close() throws IOException {
        if (recorder != null) {
            recorder.close();
        }
    }
}
