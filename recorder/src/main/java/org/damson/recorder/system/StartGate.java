package org.damson.recorder.system;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.damson.model.text.NativeText;
import org.damson.trace.files.PrivateDirectory;

/**
 * Starts a command that waits before its first instruction until {@link #open} lets it go, so that recording begins
 * with it. A shell waits on a named pipe and then becomes the command: the process id is the command's own and all
 * three standard streams are those of this process. If this process dies first, the shell reads the end of the pipe and
 * exits without running anything.
 */
public final class StartGate implements Closeable {
    private static final String WAIT = "DAMSON_WORDS=$(cat \"$0\" 2>/dev/null)"
            + " && IFS= read -r DAMSON_GATE 2>/dev/null <\"$1\" || exit 125; eval \"$DAMSON_WORDS\"";
    /** How long the shell may take to become the command, milliseconds. */
    private static final int EXEC_MS = 2000;

    private final Process process;
    private final FileChannel pipe;
    private final Path directory;

    private StartGate(Process process, FileChannel pipe, Path directory) {
        this.process = process;
        this.pipe = pipe;
        this.directory = directory;
    }

    /**
     * Starts the command, held. The shell reads its words from a file: Java passes arguments on by the locale, which may
     * not have their characters, and no locale has all bytes.
     *
     * @param command the words, as {@link NativeText} has them
     * @throws IOException one line that names the command if there is no such program
     */
    public static StartGate hold(List<String> command) throws IOException {
        List<String> words = require(command);
        Path directory = PrivateDirectory.create("damson-gate-").path();
        Path fifo = directory.resolve("gate");
        FileChannel pipe = null;
        try {
            makePipe(fifo);
            // For both directions: neither this nor the shell's open waits for the other side.
            pipe = FileChannel.open(fifo, StandardOpenOption.READ, StandardOpenOption.WRITE);
            Path script = Files.write(directory.resolve("command"), script(words));
            ProcessBuilder builder =
                    new ProcessBuilder("/bin/sh", "-c", WAIT, script.toString(), fifo.toString()).inheritIO();
            withoutOurs(builder.environment());
            return new StartGate(builder.start(), pipe, directory);
        } catch (IOException | RuntimeException e) {
            if (pipe != null) {
                pipe.close();
            }
            remove(directory);
            throw e;
        }
    }

    /**
     * The words to start it by.
     *
     * @throws IOException as {@link #hold}
     */
    public static List<String> require(List<String> command) throws IOException {
        try {
            return words(command, find(command.get(0), NativeText.environment("PATH")));
        } catch (InvalidPathException e) {
            return command; // No name that Java can look up: the shell will.
        }
    }

    /** A name that begins with a hyphen is an option of exec to some shells, and not all take two hyphens before it: its path is none. */
    static List<String> words(List<String> command, Path found) {
        if (!command.get(0).startsWith("-")) {
            return command;
        }
        List<String> words = new ArrayList<>(command);
        words.set(0, NativeText.of(found.toAbsolutePath()));
        return words;
    }

    private static byte[] script(List<String> command) {
        StringBuilder text = new StringBuilder("unset DAMSON_WORDS DAMSON_GATE; exec");
        for (String word : command) {
            text.append(" '").append(word.replace("'", "'\\''")).append('\'');
        }
        return NativeText.encode(text.append('\n').toString());
    }

    /**
     * Takes back what the launcher {@code damson} set for this process alone: DAMSON_SET names the variables, and
     * DAMSON_WAS_ before such a name what it was before, if it was set.
     */
    static void withoutOurs(Map<String, String> environment) {
        String names = environment.remove("DAMSON_SET");
        if (names == null) {
            return;
        }
        for (String name : names.trim().split(" +")) {
            environment.remove(name);
            String before = environment.remove("DAMSON_WAS_" + name);
            if (before != null) {
                environment.put(name, before);
            }
        }
    }

    private static void makePipe(Path fifo) throws IOException {
        try {
            if (new ProcessBuilder("mkfifo", "-m", "600", fifo.toString())
                            .start()
                            .waitFor()
                    != 0) {
                throw new IOException("cannot make a named pipe in " + fifo.getParent());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    public Process process() {
        return process;
    }

    /** Lets the command run; returns when it has replaced the shell (or has ended). */
    public void open() throws IOException {
        String shell = program();
        pipe.write(ByteBuffer.wrap("\n".getBytes(StandardCharsets.US_ASCII)));
        try {
            for (int i = 0; i < EXEC_MS && process.isAlive() && program().equals(shell); i++) {
                Thread.sleep(1);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        close();
    }

    /** Without {@link #open} before: the command never runs. */
    @Override
    public void close() throws IOException {
        pipe.close();
        remove(directory);
    }

    /** Arguments of the process: they change when the shell becomes the command, even if that is a shell too. */
    private String program() {
        return Proc.text(Path.of("/proc/" + process.pid() + "/cmdline"));
    }

    private static void remove(Path directory) throws IOException {
        Files.deleteIfExists(directory.resolve("gate"));
        Files.deleteIfExists(directory.resolve("command"));
        Files.deleteIfExists(directory);
    }

    /** Path of a command, as the shell would find it. */
    static Path find(String command, String searchPath) throws IOException {
        if (command.isEmpty()) {
            throw new IOException("cannot run a command without a name");
        }
        if (command.indexOf('/') >= 0) {
            return runnable(command, NativeText.path(command));
        }
        for (String place : (searchPath == null ? "/usr/bin:/bin" : searchPath).split(":", -1)) {
            Path candidate = NativeText.path(place.isEmpty() ? "." : place)
                    .resolve(NativeText.path(command).getFileName());
            if (Files.isRegularFile(candidate) && Files.isExecutable(candidate)) {
                return candidate;
            }
        }
        throw new IOException("cannot run " + command + ": no such command");
    }

    private static Path runnable(String command, Path path) throws IOException {
        if (!Files.exists(path)) {
            throw new IOException("cannot run " + command + ": no such file");
        }
        if (!Files.isRegularFile(path)) {
            throw new IOException("cannot run " + command + ": not a program");
        }
        if (!Files.isExecutable(path)) {
            throw new IOException("cannot run " + command + ": not executable");
        }
        return path;
    }
}
