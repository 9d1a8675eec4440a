package org.damson.analyzer.fleet;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.damson.model.text.NativeText;
import org.damson.trace.Traces;

/** Finds traces and bundles below a directory of this machine. Links are not followed: what they lead to is there once. */
public final class FleetFiles {
    private static final String MANIFEST = "manifest.json";
    private static final String BUNDLE = ".damson.zip";
    private static final String TRACE = ".damson";

    private final List<String> found = new ArrayList<>();
    private final List<Trouble> troubles = new ArrayList<>();

    /**
     * Searches a directory, or takes the trace or bundle at this path.
     *
     * @throws NoSuchFileException if nothing has that name
     */
    public void find(Path root) throws IOException {
        if (!Files.exists(root) && !isUnderOtherNames(root)) {
            throw new NoSuchFileException(root.toString());
        }
        if (Files.isDirectory(root)) {
            take(root);
        } else {
            found.add(NativeText.of(root));
        }
    }

    /** Whether it is a trace in the middle of a killed recovery, which is read by its own name all the same. */
    private static boolean isUnderOtherNames(Path root) throws IOException {
        Path place = root.toAbsolutePath();
        return root.toString().endsWith(TRACE)
                && Files.isDirectory(place.getParent())
                && Traces.inSeries(place.getParent()).contains(place);
    }

    /** What was found so far, in that order. */
    public List<String> found() {
        return found;
    }

    /** Directories that could not be read. */
    public List<Trouble> troubles() {
        return troubles;
    }

    private void below(Path directory) {
        List<Path> children;
        List<Path> traces;
        try (Stream<Path> all = Files.list(directory)) {
            if (!Files.isExecutable(directory)) { // names can be read, and nothing of what they are of
                throw new AccessDeniedException(directory.toString());
            }
            children = all.sorted().toList();
            traces = Traces.inSeries(directory);
        } catch (IOException | UncheckedIOException e) { // the latter in the middle of a directory
            trouble(directory, reason(e instanceof UncheckedIOException u ? u.getCause() : (IOException) e));
            return;
        }
        traces.forEach(this::take);
        for (Path child : children) {
            String name = child.getFileName().toString();
            boolean isNamedSo = name.endsWith(TRACE) || name.endsWith(BUNDLE);
            if (Files.isSymbolicLink(child)) {
                if (isNamedSo || Files.isDirectory(child)) {
                    trouble(child, "a symbolic link, which is not followed");
                }
            } else if (Files.isDirectory(child)) {
                if (!traces.contains(child) && !isPartOfTrace(name)) {
                    take(child);
                }
            } else if (isNamedSo) {
                found.add(NativeText.of(child));
            }
        }
    }

    private static String reason(IOException e) {
        return e instanceof AccessDeniedException
                ? "permission denied"
                : "cannot be read: "
                        + (e instanceof FileSystemException fs && fs.getReason() != null ? fs.getReason() : e);
    }

    private void take(Path directory) {
        if (isTrace(directory)) {
            found.add(NativeText.of(directory));
        } else {
            below(directory);
        }
    }

    /** Whether a directory of this name is what a recorder or a recovery has beside the trace until it is whole. */
    public static boolean isPartOfTrace(String name) {
        return name.matches(".*\\.damson(\\.zip)?\\.(part\\d*|recovering|replaced|unrecovered)(-\\d+)?");
    }

    /**
     * Whether a directory is a trace, or what is left of one, and not a series of traces or a partition of that name.
     *
     * @param hasDirectories whether it has any: a trace has none
     */
    public static boolean isTrace(String name, boolean hasManifest, boolean hasDirectories) {
        return hasManifest || name.endsWith(TRACE) && !hasDirectories;
    }

    private static boolean isTrace(Path directory) {
        return isTrace(
                directory.toString(),
                Files.exists(directory.resolve(MANIFEST), LinkOption.NOFOLLOW_LINKS),
                hasDirectories(directory));
    }

    private static boolean hasDirectories(Path directory) {
        try (Stream<Path> all = Files.list(directory)) {
            return all.anyMatch(child -> Files.isDirectory(child, LinkOption.NOFOLLOW_LINKS));
        } catch (IOException | UncheckedIOException e) {
            return false; // in the middle of a recovery, or not to be read: who opens it says so
        }
    }

    private void trouble(Path path, String reason) {
        troubles.add(new Trouble(NativeText.of(path), Trouble.Kind.LEFT_OUT, reason));
    }
}
