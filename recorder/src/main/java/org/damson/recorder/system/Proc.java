package org.damson.recorder.system;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.damson.model.text.NativeText;

/** Reads small files of {@code /proc}. */
public final class Proc {
    private static final int PART_BYTES = 1 << 13;

    private Proc() {}

    /** Children of a process, of all its threads; empty if it is gone. */
    public static List<Long> children(long pid) {
        List<Long> found = new ArrayList<>();
        try (DirectoryStream<Path> tasks = Files.newDirectoryStream(Path.of("/proc/" + pid + "/task"))) {
            for (Path task : tasks) {
                for (String word : text(task.resolve("children")).split("\\s+")) {
                    if (!word.isEmpty()) {
                        found.add(Long.parseLong(word));
                    }
                }
            }
        } catch (IOException | DirectoryIteratorException gone) {
            return found;
        }
        return found;
    }

    /** Whether a process is there and has not given back its memory, as one that has ended has. */
    public static boolean hasMemory(long pid) {
        String sizes = text(Path.of("/proc/" + pid + "/statm"));
        return !sizes.isEmpty() && !sizes.startsWith("0 ");
    }

    /** Content of a small file, empty if it cannot be read; bytes that are not UTF-8, as in names of files, as {@code \xE4}. */
    public static String text(Path path) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        // Not Files.readAllBytes: it reads a single byte first, after which numbers in /proc/sys end.
        byte[] part = new byte[PART_BYTES];
        try (InputStream in = Files.newInputStream(path)) {
            for (int n = in.read(part); n > 0; n = in.read(part)) {
                bytes.write(part, 0, n);
            }
        } catch (IOException e) {
            return "";
        }
        return NativeText.readable(NativeText.decode(bytes.toByteArray()));
    }
}
