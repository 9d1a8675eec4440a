package org.damson.recorder.stacks;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.damson.recorder.LiveConfig;
import org.damson.recorder.LiveRecording;
import org.damson.recorder.RecordingStatus;

/** A recorder in a process of its own, to be killed: {@code TRACE COMMAND...}. */
final class KilledRecording {
    private KilledRecording() {}

    public static void main(String[] args) throws IOException {
        List<String> command = List.of(args).subList(1, args.length);
        LiveRecording.record(
                LiveConfig.of(Path.of(args[0]), command, List.of(), 0)
                        .withStacks(new StackRequest(StackRequest.DEFAULT_HZ, false, true, 1)),
                RecordingStatus.NONE);
    }
}
