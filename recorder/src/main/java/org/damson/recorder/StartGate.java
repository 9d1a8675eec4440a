package org.damson.recorder;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Starts a command that waits before its first instruction until {@link #open} lets it go, so that recording begins
 * with it. A shell waits on a named pipe and then becomes the command: the process id is the command's own and all
 * three standard streams are those of this process. If this process dies first, the shell reads the end of the pipe and
 * exits without running anything.
 */
final class StartGate implements Closeable {
    private static final String WAIT =
            "IFS= read -r DAMSON_GATE 2>/dev/null <\"$0\" || exit 125; unset DAMSON_GATE; exec \"$@\"";
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
     * Starts the command, held.
     *
     * @throws IOException one line that names the command if there is no such program
     */
    static StartGate hold(List<String> command) throws IOException {
        find(command.get(0), System.getenv("PATH"));
        Path directory = Files.createTempDirectory("damson-gate"); // 0700
        Path fifo = directory.resolve("gate");
        FileChannel pipe = null;
        try {
            makePipe(fifo);
            // For both directions: neither this nor the shell's open waits for the other side.
            pipe = FileChannel.open(fifo, StandardOpenOption.READ, StandardOpenOption.WRITE);
            List<String> line = new ArrayList<>(List.of("/bin/sh", "-c", WAIT, fifo.toString()));
            line.addAll(command);
            ProcessBuilder builder = new ProcessBuilder(line).inheritIO();
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

    /** Takes back what the launcher {@code damson} set for this process alone, and said so. */
    static void withoutOurs(Map<String, String> environment) {
        String names = environment.remove("DAMSON_SET");
        if (names != null) {
            environment.keySet().removeAll(List.of(names.split(" ")));
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

    Process process() {
        return process;
    }

    /** Lets the command run; returns when it has replaced the shell (or has ended). */
    void open() throws IOException {
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
        Files.deleteIfExists(directory);
    }

    /** Where a command is, as the shell would find it. */
    static Path find(String command, String searchPath) throws IOException {
        if (command.indexOf('/') >= 0) {
            return runnable(command, Path.of(command));
        }
        for (String place : (searchPath == null ? "/usr/bin:/bin" : searchPath).split(":", -1)) {
            Path candidate = Path.of(place.isEmpty() ? "." : place, command);
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
