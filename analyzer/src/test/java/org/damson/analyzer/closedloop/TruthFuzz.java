package org.damson.analyzer.closedloop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.damson.analyzer.certificate.AccessLog;
import org.damson.model.InvalidInputException;
import org.damson.model.TraceFormatException;

/** What a generator is told to access, and its log of what it accessed. The first byte chooses. */
public final class TruthFuzz {
    private static final Path FILE = create();

    private TruthFuzz() {}

    private static Path create() {
        try {
            Path memory = Path.of("/dev/shm");
            Path file = Files.isWritable(memory)
                    ? Files.createTempFile(memory, "damson-fuzz-", ".log")
                    : Files.createTempFile("damson-fuzz-", ".log");
            file.toFile().deleteOnExit();
            return file;
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    public static void fuzzerTestOneInput(byte[] data) throws IOException {
        if (data.length == 0) {
            return;
        }
        byte[] rest = Arrays.copyOfRange(data, 1, data.length);
        try {
            if ((data[0] & 1) == 0) {
                new PlanParser(new String(rest, StandardCharsets.UTF_8), 1e6).parse(1 + (data[0] >> 1 & 3));
            } else {
                Files.write(FILE, rest);
                AccessLog log = AccessLog.read(FILE, 4096);
                assertFalse(log.places().isEmpty() || log.patterns().isEmpty());
            }
        } catch (InvalidInputException | TraceFormatException e) {
            assertEquals(1, String.valueOf(e.getMessage()).lines().count(), e.getMessage());
        }
    }
}
