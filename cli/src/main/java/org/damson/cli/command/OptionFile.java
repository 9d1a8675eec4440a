package org.damson.cli.command;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.commons.cli.CommandLine;
import org.apache.commons.cli.Option;
import org.damson.model.text.NativeText;

/** File or directory named by an option. Text of a file is bounded in length, even if it is a pipe or an endless device. */
public final class OptionFile {
    private static final int MAX_BYTES = 1 << 20;

    private OptionFile() {}

    /** @param option for the message, as in {@code --scheme @FILE} */
    public static String text(String option, Path file) throws IOException {
        try (InputStream in = Files.newInputStream(noDirectory(option, file))) {
            byte[] bytes = in.readNBytes(MAX_BYTES + 1);
            if (bytes.length > MAX_BYTES) {
                throw new UsageException(option + ": larger than 1 MiB");
            }
            String text = new String(bytes, StandardCharsets.UTF_8);
            return text.startsWith("\ufeff") ? text.substring(1) : text; // a mark that some editors write
        }
    }

    /**
     * The file, unless it is a directory: reading one fails without a word of which it was.
     *
     * @param option as in {@link #text}
     */
    public static Path noDirectory(String option, Path file) {
        if (Files.isDirectory(file)) {
            throw new UsageException(option + ": is a directory");
        }
        return file;
    }

    /** The directory that an option names, null if it is not given. */
    public static Path directory(CommandLine line, Option option) {
        if (!line.hasOption(option)) {
            return null;
        }
        Path path = NativeText.path(line.getOptionValue(option));
        if (!Files.isDirectory(path)) {
            throw new UsageException("--" + option.getLongOpt() + " " + path + ": no such directory");
        }
        return path;
    }
}
