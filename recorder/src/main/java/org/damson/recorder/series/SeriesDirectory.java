package org.damson.recorder.series;

import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.regex.Pattern;
import org.damson.trace.Traces;
import org.damson.trace.files.SafeFiles;
import org.damson.trace.files.TraceLock;

/** The directory of a series: traces by their names and nothing else, and one recorder at a time. */
final class SeriesDirectory implements Closeable {
    private static final Pattern NAME = Pattern.compile("(\\d{6,9})-\\d{8}T\\d{6}Z\\.damson");
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("uuuuMMdd'T'HHmmss'Z'").withZone(ZoneOffset.UTC);

    private final Path path;
    private final FileChannel lock;

    private SeriesDirectory(Path path) throws IOException {
        this.path = path;
        lock = TraceLock.take(path, "another damson records into this directory");
    }

    /**
     * Takes it, and makes it if there is none.
     *
     * @throws IOException if it is not a directory, or another recorder has it
     */
    static SeriesDirectory take(Path path) throws IOException {
        if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
            SafeFiles.createDirectory(path);
        } else if (!Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)) {
            throw new NotDirectoryException(path.toString());
        }
        return new SeriesDirectory(path);
    }

    /**
     * The traces that earlier recorders left, oldest first.
     *
     * @throws IOException if it holds other things
     */
    List<Path> traces() throws IOException {
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(path)) {
            for (Path entry : entries) {
                String name = entry.getFileName().toString();
                if (!NAME.matcher(name).matches()
                        && !name.startsWith(".")
                        && !name.equals(FlightRecorder.RING)
                        && !isRemainder(name)) {
                    throw new IOException(path + ": not a directory of traces: it holds " + name);
                }
            }
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
        return Traces.inSeries(path).stream()
                .filter(trace -> NAME.matcher(trace.getFileName().toString()).matches())
                .toList();
    }

    /** Left by a recorder that died while it recovered a trace. */
    private static boolean isRemainder(String name) {
        return name.contains(".damson.");
    }

    /** The place of a trace in the series. */
    static int number(Path trace) {
        String name = trace.getFileName().toString();
        return Integer.parseInt(name.substring(0, name.indexOf('-')));
    }

    /** The name of a trace that begins now. */
    Path nameOf(int number, Instant now) {
        return path.resolve("%06d-%s.damson".formatted(number, TIME.format(now)));
    }

    @Override
    public void close() throws IOException {
        lock.close();
    }

    /**
     * Removes it, closed and without traces.
     *
     * @return whether it is gone: it stays if it holds other things
     */
    boolean remove() throws IOException {
        Files.deleteIfExists(path.resolve(TraceLock.NAME));
        try {
            Files.delete(path);
            return true;
        } catch (DirectoryNotEmptyException e) {
            return false;
        }
    }
}
