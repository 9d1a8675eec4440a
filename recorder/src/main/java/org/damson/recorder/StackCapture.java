package org.damson.recorder;

import java.io.Closeable;
import java.io.IOException;
import java.util.List;
import org.damson.model.Manifest;
import org.damson.model.ManifestKey;
import org.damson.model.MissingCapabilityException;
import org.damson.recorder.ring.Feed;
import org.damson.recorder.ring.Sampler;
import org.damson.recorder.stacks.HardwareCounters;
import org.damson.recorder.stacks.StackRecorder;
import org.damson.recorder.stacks.StackRequest;
import org.damson.recorder.stacks.StackResult;

/** Call stacks from perf events beside the snapshots, if requested and available; recording goes on without them too. */
final class StackCapture implements Closeable {
    private static final int USUAL_PAGE_BYTES = 4096;

    private final StackRecorder recorder;
    private final StackResult refused;
    private final HardwareCounters counters;

    private StackCapture(StackRecorder recorder, StackResult refused, HardwareCounters counters) {
        this.recorder = recorder;
        this.refused = refused;
        this.counters = counters;
    }

    /**
     * Opens the events.
     *
     * @param config says what is wanted
     * @param facts of the recording; gets what is known of the call stacks
     */
    static StackCapture of(LiveConfig config, List<Long> pids, Manifest facts, RecordingStatus status)
            throws IOException {
        HardwareCounters counters = config.countsHardware() ? counters(config, pids, facts, status) : null;
        try {
            return of(config.stacks(), pids, counters, facts, status);
        } catch (IOException | RuntimeException e) {
            if (counters != null) {
                counters.close();
            }
            throw e;
        }
    }

    private static HardwareCounters counters(
            LiveConfig config, List<Long> pids, Manifest facts, RecordingStatus status) {
        HardwareCounters counters = HardwareCounters.open(pids, config.followChildren());
        String lacking = pids.isEmpty() ? "hardware counters: only those of given processes" : counters.lacking();
        if (!lacking.isEmpty()) {
            status.notice(lacking);
            ManifestKey.COUNTERS_LACKING.put(facts, lacking);
        }
        return counters;
    }

    private static StackCapture of(
            StackRequest request, List<Long> pids, HardwareCounters counters, Manifest facts, RecordingStatus status)
            throws IOException {
        if (request == null) {
            return new StackCapture(null, null, counters);
        }
        int pageBytes = (int) ManifestKey.PAGE_SIZE.number(facts, USUAL_PAGE_BYTES);
        try {
            StackRecorder recorder = StackRecorder.attach(request, pids, pageBytes, System::nanoTime, status::notice);
            recorder.describe(facts);
            return new StackCapture(recorder, null, counters);
        } catch (MissingCapabilityException e) {
            status.notice(e.getMessage());
            ManifestKey.STACKS_REFUSED.put(facts, e.getMessage());
            return new StackCapture(null, StackResult.refused(e.getMessage()), counters);
        }
    }

    List<Feed> feeds() {
        return recorder == null ? List.of() : List.of(recorder);
    }

    List<Sampler> samplers() {
        return counters == null ? List.of() : List.of(counters);
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
        if (counters != null) {
            counters.close();
        }
        if (recorder != null) {
            recorder.close();
        }
    }
}
