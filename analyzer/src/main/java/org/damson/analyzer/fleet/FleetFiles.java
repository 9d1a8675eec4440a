package org.damson.analyzer.fleet;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
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
        if (!Files.exists(root)) {
            throw new NoSuchFileException(root.toString());
        }
        if (isTrace(root) || Files.isRegularFile(root)) {
            found.add(NativeText.of(root));
        } else {
            below(root);
        }
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
            children = all.sorted().toList();
            traces = Traces.inSeries(directory);
        } catch (IOException | UncheckedIOException e) { // the latter in the middle of a directory
            Throwable why = e instanceof UncheckedIOException ? e.getCause() : e;
            trouble(directory, why instanceof AccessDeniedException ? "permission denied" : "cannot be read: " + why);
            return;
        }
        traces.forEach(trace -> found.add(NativeText.of(trace)));
        for (Path child : children) {
            String name = child.getFileName().toString();
            if (Files.isSymbolicLink(child)) {
                if (Files.isDirectory(child) || name.endsWith(TRACE) || name.endsWith(BUNDLE)) {
                    trouble(child, "a symbolic link, which is not followed");
                }
            } else if (Files.isDirectory(child)) {
                if (!traces.contains(child) && !isPartOfTrace(name)) {
                    take(child);
                }
            } else if (name.endsWith(BUNDLE)) {
                found.add(NativeText.of(child));
            }
        }
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

    private static boolean isTrace(Path directory) {
        return Files.isDirectory(directory)
                && (directory.toString().endsWith(TRACE)
                        || Files.exists(directory.resolve(MANIFEST), LinkOption.NOFOLLOW_LINKS));
    }

    private void trouble(Path path, String reason) {
        troubles.add(new Trouble(NativeText.of(path), Trouble.Kind.LEFT_OUT, reason));
    }
}
