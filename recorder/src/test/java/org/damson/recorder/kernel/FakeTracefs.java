package org.damson.recorder.kernel;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.damson.recorder.damon.EventScript;

/** tracefs in a directory: an instance that is made in it has the ring pages of a test, as the kernel's has those of its events. */
public final class FakeTracefs implements Kernel {
    public final Path root;
    private final EventScript script;
    private final int cpus;
    private final int most;

    /**
     * One of these events.
     *
     * @param most events a page
     */
    public FakeTracefs(Path root, EventScript script, int cpus, int most) throws IOException {
        this.root = root;
        this.script = script;
        this.cpus = cpus;
        this.most = most;
        Files.createDirectories(root.resolve("instances"));
        Files.createDirectories(root.resolve("events"));
        Files.writeString(root.resolve("events/header_page"), EventScript.headerPage());
    }

    @Override
    public void makeDirectory(Path directory) throws IOException {
        LOCAL.makeDirectory(directory);
        for (String file : List.of("trace_clock", "buffer_size_kb", "tracing_on")) {
            Files.writeString(directory.resolve(file), "0\n");
        }
        Files.writeString(directory.resolve("buffer_total_size_kb"), "64\n");
        for (int cpu = 0; cpu < cpus; cpu++) {
            Path own = Files.createDirectories(directory.resolve("per_cpu/cpu" + cpu));
            Files.write(own.resolve("trace_pipe_raw"), script.pages(cpu, most));
            Files.writeString(own.resolve("stats"), "overrun: " + script.overrun(cpu) + "\ndropped events: 0\n");
        }
    }

    @Override
    public void removeDirectory(Path directory) throws IOException {
        try (Stream<Path> all = Files.walk(directory)) {
            for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }

    @Override
    public String read(Path path) throws IOException {
        return LOCAL.read(path);
    }

    @Override
    public void write(Path path, String value) throws IOException {
        LOCAL.write(path, value);
    }

    @Override
    public List<String> list(Path directory) throws IOException {
        return LOCAL.list(directory);
    }

    @Override
    public int openRing(Path path) throws IOException {
        return LOCAL.openRing(path);
    }

    @Override
    public Closeable lock(Path path) throws IOException {
        return LOCAL.lock(path);
    }

    @Override
    public void append(Path path, String text) throws IOException {
        LOCAL.append(path, text);
    }

    @Override
    public void remove(Path path) throws IOException {
        LOCAL.remove(path);
    }
}
