package org.damson.trace.files;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NotDirectoryException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.FileOwnerAttributeView;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipal;
import java.util.Set;
import org.damson.model.MissingCapabilityException;
import org.damson.model.TraceFormatException;

/** Creates files and directories for their owner alone and never through a symbolic link. */
public final class SafeFiles {
    private static final FileAttribute<?> FILE_MODE =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
    private static final FileAttribute<?> DIR_MODE =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));

    private SafeFiles() {}

    /** Creates a file with mode 0600. Fails if the name is taken, also by a symbolic link. */
    public static FileChannel create(Path file) throws IOException {
        Set<OpenOption> options =
                Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS);
        try {
            return FileChannel.open(file, options, FILE_MODE);
        } catch (IOException e) {
            throw MissingCapabilityException.whileWriting(file, e);
        }
    }

    /** A file to write into, made 0600 where there is none. Two processes may do so at once. A symbolic link is refused. */
    static FileChannel openOrCreate(Path file) throws IOException {
        Set<OpenOption> options =
                Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS);
        try {
            return FileChannel.open(file, options, FILE_MODE);
        } catch (IOException e) {
            throw MissingCapabilityException.whileWriting(file, e);
        }
    }

    /** Creates a directory with mode 0700. Fails if the name is taken. */
    public static void createDirectory(Path dir) throws IOException {
        try {
            Files.createDirectory(dir, DIR_MODE);
        } catch (IOException e) {
            throw MissingCapabilityException.whileWriting(dir, e);
        }
    }

    /**
     * Opens for reading; a symbolic link is refused, and what is not a file: opening a pipe would wait for a writer.
     *
     * @throws TraceFormatException if it is none
     */
    public static FileChannel open(Path file) throws IOException {
        if (Files.exists(file, LinkOption.NOFOLLOW_LINKS) && !Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
            throw new TraceFormatException(file.toString(), "", "not a regular file");
        }
        return FileChannel.open(file, StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS);
    }

    /** Puts a finished {@code part} in the place of {@code target} in one step and makes the name durable. */
    public static void publish(Path part, Path target) throws IOException {
        try {
            Files.move(part, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            sync(target);
        } catch (IOException e) {
            throw MissingCapabilityException.whileWriting(target, e);
        }
    }

    /** Renames a file or directory to a name that is free. */
    public static void rename(Path from, Path to) throws IOException {
        try {
            Files.move(from, to);
        } catch (IOException e) {
            throw MissingCapabilityException.whileWriting(to, e);
        }
    }

    /** Makes the directory entries beside {@code path} durable. */
    public static void sync(Path path) throws IOException {
        try (FileChannel d = FileChannel.open(path.toAbsolutePath().getParent(), StandardOpenOption.READ)) {
            d.force(true);
        }
    }

    /** Makes a user the owner of a file; of a symbolic link, not of what it names. */
    public static void giveTo(Path file, String user) throws IOException {
        UserPrincipal owner =
                file.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByName(user);
        FileOwnerAttributeView view =
                Files.getFileAttributeView(file, FileOwnerAttributeView.class, LinkOption.NOFOLLOW_LINKS);
        // A service whose system calls are filtered may not ask for that, even where it changes nothing.
        if (!view.getOwner().equals(owner)) {
            view.setOwner(owner);
        }
    }

    public static Path part(Path file) {
        return file.resolveSibling(file.getFileName() + ".part");
    }

    public static void requireDirectory(Path dir) throws IOException {
        if (!Files.isDirectory(dir, LinkOption.NOFOLLOW_LINKS)) {
            throw new NotDirectoryException(dir.toString());
        }
    }
}
