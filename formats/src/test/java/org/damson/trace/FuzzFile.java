package org.damson.trace;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** The one file that a target which reads files writes its inputs to, in memory where there is such a place. */
public final class FuzzFile {
    private FuzzFile() {}

    public static Path create(String kind) {
        try {
            Path memory = Path.of("/dev/shm");
            Path file = Files.isWritable(memory)
                    ? Files.createTempFile(memory, "damson-fuzz-", "." + kind)
                    : Files.createTempFile("damson-fuzz-", "." + kind);
            file.toFile().deleteOnExit();
            return file;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public static void write(Path file, byte[] data, int from) throws IOException {
        try (FileChannel channel =
                FileChannel.open(file, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING)) {
            ByteBuffer bytes = ByteBuffer.wrap(data, from, data.length - from);
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
        }
    }
}
