package org.damson.cli.command;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import org.damson.cli.console.Console;
import org.damson.model.MissingCapabilityException;
import org.damson.model.Units;
import org.damson.model.text.NativeText;
import org.damson.trace.WritingStream;
import org.damson.trace.files.FileTrees;
import org.damson.trace.files.Leftovers;

/**
 * A result file that appears whole or not at all: written beside its place under a temporary name, then renamed. Mode
 * 0600; never written through a symbolic link.
 */
public final class OutputFile extends OutputStream {
    private static final int TYPE = 0170000;
    private static final int PIPE = 0010000;
    /** Sticky, and everybody may write. */
    private static final int EVERYBODYS = 01002;

    private final Path file;
    private final Path part;
    private final boolean replace;
    private final OutputStream to;
    private boolean complete;

    private OutputFile(Path file, boolean replace) throws IOException {
        this.file = file;
        this.replace = replace;
        part = Leftovers.newPart(file);
        SeekableByteChannel channel;
        Unfinished.add(part);
        try {
            channel = Files.newByteChannel(
                    part,
                    Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS),
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        } catch (IOException e) {
            Unfinished.remove(part);
            throw MissingCapabilityException.whileWriting(part, e);
        }
        to = new WritingStream(file, new BufferedOutputStream(Channels.newOutputStream(channel), 1 << 16));
    }

    /** What writes a result. */
    public interface Body {
        public void write(OutputStream out) throws IOException;
    }

    /**
     * Writes a result to {@code name}, and says so; {@code -} and null are standard output.
     *
     * @param replace whether a file that is there may be replaced
     */
    public static void write(String name, boolean replace, Console console, Body body) throws IOException {
        writeQuietly(name, replace, console, body);
        if (name != null && !name.equals("-")) {
            Path file = NativeText.path(name);
            console.note(
                    "wrote " + name + (isSpecial(file) ? "" : " (" + Units.bytes(FileTrees.sizeBytes(file)) + ")"));
        }
    }

    /** As {@link #write}, without a message. */
    public static void writeQuietly(String name, boolean replace, Console console, Body body) throws IOException {
        if (name == null || name.equals("-")) {
            body.write(console.out());
            console.out().flush();
            return;
        }
        Path file = NativeText.path(name);
        require(name, replace);
        if (isSpecial(file)) {
            // There is nothing to keep whole.
            try (OutputStream out = new WritingStream(
                    file, Files.newOutputStream(file, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS))) {
                body.write(out);
            }
            return;
        }
        try (OutputFile out = new OutputFile(file, replace)) {
            body.write(out);
            out.complete = true;
        }
    }

    /**
     * Refuses a name that {@link #write} would refuse: for who works long before there is something to write.
     *
     * @throws UsageException if something is there that may not be replaced
     */
    public static void require(String name, boolean replace) throws IOException {
        Path file = NativeText.path(name);
        Outputs.requireDirectory(file);
        if (!isSpecial(file)) {
            Outputs.newFile(replace, name);
        } else if (isPlanted(file)) {
            throw new UsageException(
                    name + " is another user's pipe in a directory where everybody writes: nothing is written to it");
        }
    }

    /** Whether it is a pipe that anybody may have put there, to read what is written; the kernel's fs.protected_fifos goes by the same rule. */
    private static boolean isPlanted(Path file) throws IOException {
        Path directory = file.toAbsolutePath().getParent();
        boolean isPipe = (mode(file) & TYPE) == PIPE;
        return isPipe
                && (mode(directory) & EVERYBODYS) == EVERYBODYS
                && !Leftovers.isOwn(file)
                && !Files.getOwner(file, LinkOption.NOFOLLOW_LINKS).equals(Files.getOwner(directory));
    }

    private static int mode(Path file) throws IOException {
        return (int) Files.getAttribute(file, "unix:mode");
    }

    /** Whether this is a device or a pipe. */
    private static boolean isSpecial(Path file) {
        return Files.exists(file, LinkOption.NOFOLLOW_LINKS)
                && !Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)
                && !Files.isDirectory(file, LinkOption.NOFOLLOW_LINKS)
                && !Files.isSymbolicLink(file);
    }

    @Override
    public void write(int b) throws IOException {
        to.write(b);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        to.write(bytes, offset, length);
    }

    @Override
    public void flush() throws IOException {
        to.flush();
    }

    @Override
    public void close() throws IOException {
        try {
            to.close();
            if (complete) {
                rename();
            }
        } finally {
            Files.deleteIfExists(part);
            Unfinished.remove(part);
        }
    }

    private void rename() throws IOException {
        try {
            if (replace) {
                Files.move(part, file, StandardCopyOption.ATOMIC_MOVE);
            } else {
                Files.move(part, file);
            }
        } catch (IOException e) {
            throw MissingCapabilityException.whileWriting(file, e);
        }
    }
}
