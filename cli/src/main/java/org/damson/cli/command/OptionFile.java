package org.damson.cli.command;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** What an option names a file for: text of bounded length, also where the file is a pipe or a device that never ends. */
public final class OptionFile {
    private static final int MAX_BYTES = 1 << 20;

    private OptionFile() {}

    /** @param option for the message, as in {@code --scheme @FILE} */
    public static String text(String option, Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            byte[] bytes = in.readNBytes(MAX_BYTES + 1);
            if (bytes.length > MAX_BYTES) {
                throw new UsageException(option + ": larger than 1 MiB");
            }
            String text = new String(bytes, StandardCharsets.UTF_8);
            return text.startsWith("\ufeff") ? text.substring(1) : text; // a mark that some editors write
        }
    }
}
