package org.damson.recorder.damon;

import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.damson.tracefs.EventFormat;
import org.damson.tracefs.RingPage;

/**
 * A ring of one's own in tracefs: nobody else's tracing is touched, and closing it leaves nothing behind.
 *
 * <p>Its name has the process id and start time of its owner, so that the next run can remove what a killed one left.
 */
final class TraceInstance implements AutoCloseable {
    private static final String PREFIX = "damson-";

    private final Path tracefs;
    private final Path directory;
    private final List<Integer> cpus;
    private final List<EventFormat> formats;
    private final RingPage page;
    private boolean closed;

    private TraceInstance(Path tracefs, Path directory, List<Integer> cpus, List<EventFormat> formats, RingPage page) {
        this.tracefs = tracefs;
        this.directory = directory;
        this.cpus = cpus;
        this.formats = formats;
        this.page = page;
    }

    /**
     * Creates an instance with the monotonic clock, all {@code damon:*} events this kernel has, and nothing running yet.
     *
     * @param tracefs where tracefs is mounted
     * @param ringBytes size of the ring of one CPU
     * @param wakePercent how full a CPU's ring gets before {@code poll} says so
     * @throws IOException one line that says what is missing and, where known, the command that gives it
     */
    static TraceInstance create(Path tracefs, long ringBytes, int wakePercent) throws IOException {
        Path group = tracefs.resolve("events/damon");
        List<EventFormat> formats = new ArrayList<>();
        try {
            if (!Files.isDirectory(tracefs.resolve("instances"))) {
                throw new DamonUnavailableException(
                        tracefs + " has no directory 'instances': is tracefs mounted there?");
            }
            if (!Files.isDirectory(group)) {
                throw new DamonUnavailableException("this kernel has no damon trace events (CONFIG_DAMON is not set)");
            }
            try (DirectoryStream<Path> events = Files.newDirectoryStream(group, Files::isDirectory)) {
                for (Path event : events) {
                    Path format = event.resolve("format");
                    formats.add(EventFormat.parse(format.toString(), KernelFiles.read(format)));
                }
            }
        } catch (AccessDeniedException e) {
            throw new DamonUnavailableException(e.getFile() + ": reading tracefs needs root", e);
        }
        if (formats.stream().noneMatch(f -> f.name().equals("damon_aggregated"))) {
            throw new DamonUnavailableException("this kernel has no damon_aggregated trace event");
        }
        TraceInstance instance = create(tracefs, ringBytes, wakePercent, formats);
        try {
            instance.write("events/damon/enable", "1");
        } catch (IOException e) {
            instance.close();
            throw e;
        }
        return instance;
    }

    /** The same with events that are in the ring already, or come from a marker file. */
    static TraceInstance create(Path tracefs, long ringBytes, int wakePercent, List<EventFormat> formats)
            throws IOException {
        removeOrphans(tracefs);
        Path header = tracefs.resolve("events/header_page");
        RingPage page = RingPage.of(header.toString(), KernelFiles.read(header), ByteOrder.nativeOrder());
        ProcessHandle self = ProcessHandle.current();
        Path directory = null;
        for (int i = 0; directory == null; i++) {
            Path candidate = tracefs.resolve("instances/" + PREFIX + self.pid() + "-" + startOf(self.pid()) + "-" + i);
            try {
                Files.createDirectory(candidate);
                directory = candidate;
            } catch (java.nio.file.FileAlreadyExistsException e) {
                continue;
            } catch (AccessDeniedException e) {
                throw new DamonUnavailableException(
                        candidate.getParent() + ": creating a tracing instance needs root", e);
            }
        }
        TraceInstance instance = new TraceInstance(tracefs, directory, cpusOf(directory), formats, page);
        try {
            instance.write("trace_clock", "mono");
            instance.write("buffer_size_kb", Long.toString(Math.max(1, ringBytes / 1024)));
            if (Files.exists(directory.resolve("buffer_percent"))) {
                instance.write("buffer_percent", Integer.toString(wakePercent));
            }
            instance.write("tracing_on", "1");
        } catch (IOException | RuntimeException e) {
            instance.close();
            throw e;
        }
        return instance;
    }

    /** Removes instances whose owners are gone. */
    static void removeOrphans(Path tracefs) throws IOException {
        try (DirectoryStream<Path> left = Files.newDirectoryStream(tracefs.resolve("instances"), PREFIX + "*-*-*")) {
            for (Path instance : left) {
                String[] parts = instance.getFileName().toString().split("-");
                if (parts.length == 4
                        && parts[1].matches("\\d{1,10}")
                        && !startOf(Long.parseLong(parts[1])).equals(parts[2])) {
                    try {
                        Files.deleteIfExists(instance);
                    } catch (IOException busy) {
                        continue; // somebody reads it: it is not in the way
                    }
                }
            }
        } catch (AccessDeniedException e) {
            throw new DamonUnavailableException(e.getFile() + ": reading tracefs needs root", e);
        }
    }

    /** Start time of a process in clock ticks since boot; empty if there is none. */
    static String startOf(long pid) {
        try {
            String stat = KernelFiles.read(Path.of("/proc/" + pid + "/stat"));
            // The name may hold anything; fields are counted from its closing bracket.
            return stat.substring(stat.lastIndexOf(')') + 2).split(" ")[19];
        } catch (IOException | RuntimeException e) {
            return "";
        }
    }

    private static List<Integer> cpusOf(Path directory) throws IOException {
        TreeMap<Integer, Integer> found = new TreeMap<>();
        try (DirectoryStream<Path> all = Files.newDirectoryStream(directory.resolve("per_cpu"), "cpu*")) {
            for (Path cpu : all) {
                int n = Integer.parseInt(cpu.getFileName().toString().substring(3));
                found.put(n, n);
            }
        }
        return List.copyOf(found.values());
    }

    void write(String file, String value) throws IOException {
        Path path = directory.resolve(file);
        try {
            Files.writeString(path, value, StandardOpenOption.WRITE);
        } catch (IOException e) {
            throw new IOException("cannot write '" + value + "' to " + path + ": " + e.getMessage(), e);
        }
    }

    /** Stops new events; what is in the ring stays. */
    void stop() throws IOException {
        write("tracing_on", "0");
    }

    Path directory() {
        return directory;
    }

    /** CPUs that have a ring, ascending. */
    List<Integer> cpus() {
        return cpus;
    }

    List<EventFormat> formats() {
        return formats;
    }

    RingPage page() {
        return page;
    }

    Path ring(int cpu) {
        return directory.resolve("per_cpu/cpu" + cpu + "/trace_pipe_raw");
    }

    /** Events overwritten before anybody read them, on all CPUs, as the kernel counts them. */
    long overrun() throws IOException {
        long sum = 0;
        for (int cpu : cpus) {
            sum += stat(cpu, "overrun") + stat(cpu, "dropped events");
        }
        return sum;
    }

    /** Bytes the rings of all CPUs take together. */
    long ringBytes() throws IOException {
        return Long.parseLong(KernelFiles.read(directory.resolve("buffer_total_size_kb"))
                        .trim()
                        .split(" ")[0])
                * 1024;
    }

    private long stat(int cpu, String name) throws IOException {
        for (String line : KernelFiles.read(directory.resolve("per_cpu/cpu" + cpu + "/stats"))
                .split("\n")) {
            if (line.startsWith(name + ":")) {
                return Long.parseLong(line.substring(name.length() + 1).trim());
            }
        }
        return 0;
    }

    /** Removes it; descriptors on its rings have to be closed before. */
    @Override
    public void close() throws IOException {
        if (!closed) {
            closed = true;
            Files.deleteIfExists(directory);
        }
    }

    @Override
    public String toString() {
        return tracefs.relativize(directory).toString();
    }
}
