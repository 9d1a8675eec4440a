package org.damson.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.apache.commons.cli.CommandLine;
import org.apache.commons.cli.Option;
import org.damson.recorder.LiveRecording;
import org.damson.recorder.damon.DamonSource;
import org.damson.recorder.damon.DamonUnavailableException;

/** The options of {@code record} that are about kernel DAMON. */
final class DamonRecording {
    static final Option ATTACH = Shared.flag(
            null, "attach", "record the DAMON that others run, now and later; changes none of its settings");
    private static final Option RING_SIZE =
            Shared.value(null, "ring-size", "SIZE", "trace ring of each CPU (default up to 4M)");

    static final List<Option> OPTIONS = List.of(ATTACH, RING_SIZE);

    private static final Path SYS = Path.of("/sys");

    private DamonRecording() {}

    /** The source that the options ask for. */
    static LiveRecording.SourceOpener source(CommandLine line) {
        long ringBytes = line.hasOption(RING_SIZE) ? Shared.sizeBytes(RING_SIZE, line.getOptionValue(RING_SIZE)) : 0;
        if (ringBytes != 0 && (ringBytes < 8 << 10 || ringBytes > 1L << 30)) {
            throw new UsageException("--ring-size: 8K to 1G");
        }
        return (pids, clock) -> {
            try {
                return DamonSource.attach(SYS, ringBytes, clock);
            } catch (DamonUnavailableException e) {
                throw unavailable(e);
            }
        };
    }

    private static CommandFailedException unavailable(IOException e) {
        return new CommandFailedException(ExitCode.CAPABILITY, e.getMessage());
    }
}
