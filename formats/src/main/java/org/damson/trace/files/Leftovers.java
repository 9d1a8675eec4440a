package org.damson.trace.files;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SecureDirectoryStream;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.UserPrincipal;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Temporary names that hold the number of their process, so that the next process that writes there can tell what a
 * killed one left and remove it.
 */
public final class Leftovers {
    private static final String ASIDE = ".gone";

    private Leftovers() {}

    /** Where this process writes what becomes {@code target}: beside it. */
    public static Path partOf(Path target) {
        return target.resolveSibling(
                target.getFileName() + ".part" + ProcessHandle.current().pid());
    }

    /** Where this process puts an unfinished file or directory aside before it removes it. */
    public static Path aside(Path unfinished) {
        return unfinished.resolveSibling(
                unfinished.getFileName() + ASIDE + ProcessHandle.current().pid());
    }

    /**
     * Where this process writes what becomes {@code target}; the parts of this target that dead processes of this user left
     * are removed first.
     */
    public static Path newPart(Path target) {
        removeDead(target.toAbsolutePath().getParent(), target.getFileName() + ".part", "");
        return partOf(target);
    }

    /**
     * Removes what dead processes of this user left in a directory: files and directories, never links, named
     * {@code prefix}, the number of their process, and {@code rest}, put aside or not. What cannot be removed stays, and so does a trace
     * whose lock somebody holds: a process of another container or machine, whose number says nothing here.
     *
     * @param rest a regular expression
     */
    public static void removeDead(Path directory, String prefix, String rest) {
        Pattern name = Pattern.compile(Pattern.quote(prefix) + "([1-9]\\d{0,9})" + rest + "(?:\\" + ASIDE + "\\d+)?");
        try (DirectoryStream<Path> all = Files.newDirectoryStream(directory)) {
            // Only relative to the open directory can nobody put a link in the place of what was looked at.
            if (!(all instanceof SecureDirectoryStream<Path> within)) {
                return;
            }
            UserPrincipal self = self();
            for (Path path : within) {
                Matcher m = name.matcher(path.getFileName().toString());
                if (m.matches()
                        && ProcessHandle.of(Long.parseLong(m.group(1))).isEmpty()
                        && attributes(within, path.getFileName()).owner().equals(self)
                        && !TraceLock.isHeld(path)) {
                    remove(within, path.getFileName(), true);
                }
            }
        } catch (IOException | DirectoryIteratorException e) {
            return; // what was left is in nobody's way
        }
    }

    /** Whether it, itself if it is a link, belongs to the user of this process. */
    public static boolean isOwn(Path path) throws IOException {
        return Files.getOwner(path, LinkOption.NOFOLLOW_LINKS).equals(self());
    }

    private static UserPrincipal self() throws IOException {
        return Files.getOwner(Path.of("/proc/self"));
    }

    private static PosixFileAttributes attributes(SecureDirectoryStream<Path> within, Path name) throws IOException {
        return within.getFileAttributeView(name, PosixFileAttributeView.class, LinkOption.NOFOLLOW_LINKS)
                .readAttributes();
    }

    /** Removes a file or a directory with all that is in it; of links, those inside, not what they name. */
    private static void remove(SecureDirectoryStream<Path> within, Path name, boolean outermost) throws IOException {
        PosixFileAttributes attributes = attributes(within, name);
        if (attributes.isDirectory()) {
            try (SecureDirectoryStream<Path> inside = within.newDirectoryStream(name, LinkOption.NOFOLLOW_LINKS)) {
                for (Path path : inside) {
                    remove(inside, path.getFileName(), false);
                }
            }
            within.deleteDirectory(name);
        } else if (attributes.isRegularFile() || !outermost) {
            within.deleteFile(name);
        }
    }
}
