package org.damson.recorder.damon;

import java.io.FileInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** Reads small files of sysfs, procfs and tracefs. */
final class KernelFiles {
    private KernelFiles() {}

    /** The content, asked for in one large read: some of these files answer only the first one. */
    static String read(Path path) throws IOException {
        try (FileInputStream in = new FileInputStream(path.toFile())) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    /** The content without blanks around it, empty if it cannot be read. */
    static String text(Path path) {
        try {
            return read(path).trim();
        } catch (IOException e) {
            return "";
        }
    }

    /** The number in it, signed or unsigned, or {@code otherwise}. */
    static long number(Path path, long otherwise) {
        String text = text(path);
        try {
            return text.startsWith("-") ? Long.parseLong(text) : Long.parseUnsignedLong(text);
        } catch (NumberFormatException e) {
            return otherwise;
        }
    }
}
