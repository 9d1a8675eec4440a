package org.damson.exchange;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.damson.model.TraceFormatException;

/** {@code perf.data}, {@code trace.dat} and damo's binary records; what is none of them is left to the other targets. */
public final class BinaryFuzz {
    private BinaryFuzz() {}

    public static void fuzzerTestOneInput(byte[] data) throws IOException {
        RecordingFuzz.fuzzerTestOneInput(data);
    }

    /** Writes the seeds, from the directory of the module: {@code BinaryFuzz src/test/fuzz/binary}. */
    public static void main(String[] args) throws IOException {
        List<byte[]> samples = BinaryImportersTest.samples()
                .filter(bytes -> bytes.length < 16_000)
                .toList();
        for (int i = 0; i < samples.size(); i++) {
            try {
                Importers.importStream(
                        "seed", new ByteArrayInputStream(samples.get(i)), ImportOptions.NONE, DiscardingSink::new);
            } catch (TraceFormatException e) {
                throw new UncheckedIOException(e);
            }
            Files.write(Path.of(args[0]).resolve("seed-" + i), samples.get(i));
        }
    }
}
