package org.damson.recorder.kernel;

import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.damson.damon.EventFormat;
import org.damson.damon.RingPage;

/**
 * A private ring in tracefs: no other tracing is touched, and closing it leaves nothing behind.
 *
 * <p>Its name has the process id and start time of its owner, so that the next run can remove what a killed one left.
 */
public final class TraceInstance implements AutoCloseable {
    private static final String PREFIX = "damson-";

    private final Kernel kernel;
    private final Path tracefs;
    private final Path directory;
    private final List<Integer> cpus;
    private final List<EventFormat> formats;
    private final RingPage page;
    private boolean closed;

    private TraceInstance(
            Kernel kernel, Path tracefs, Path directory, List<Integer> cpus, List<EventFormat> formats, RingPage page) {
        this.kernel = kernel;
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
    public static TraceInstance create(Kernel kernel, Path tracefs, long ringBytes, int wakePercent)
            throws IOException {
        Path group = tracefs.resolve("events/damon");
        List<EventFormat> formats = new ArrayList<>();
        try {
            if (!kernel.list(tracefs).contains("instances")) {
                throw new DamonUnavailableException(
                        tracefs + " has no directory 'instances': is tracefs mounted there?");
            }
            if (!kernel.list(tracefs.resolve("events")).contains("damon")) {
                throw new DamonUnavailableException("this kernel has no damon trace events (CONFIG_DAMON is not set)");
            }
            for (String event : kernel.list(group)) {
                if (!event.equals("enable") && !event.equals("filter")) {
                    Path format = group.resolve(event).resolve("format");
                    formats.add(EventFormat.parse(format.toString(), kernel.read(format)));
                }
            }
        } catch (KernelException e) {
            throw needsRoot(e);
        }
        if (formats.stream().noneMatch(f -> f.name().equals("damon_aggregated"))) {
            throw new DamonUnavailableException("this kernel has no damon_aggregated trace event");
        }
        TraceInstance instance = create(kernel, tracefs, ringBytes, wakePercent, formats);
        try {
            instance.write("events/damon/enable", "1");
        } catch (IOException e) {
            instance.close();
            throw e;
        }
        return instance;
    }

    /** The same with events that are in the ring already, or come from a marker file. */
    public static TraceInstance create(
            Kernel kernel, Path tracefs, long ringBytes, int wakePercent, List<EventFormat> formats)
            throws IOException {
        removeOrphans(kernel, tracefs);
        Path header = tracefs.resolve("events/header_page");
        RingPage page = RingPage.of(header.toString(), kernel.read(header), ByteOrder.nativeOrder());
        ProcessHandle self = ProcessHandle.current();
        Path directory = null;
        for (int i = 0; directory == null; i++) {
            Path candidate = tracefs.resolve("instances/" + PREFIX + self.pid() + "-" + startOf(self.pid()) + "-" + i);
            try {
                kernel.makeDirectory(candidate);
                directory = candidate;
            } catch (KernelException e) {
                if (e.errno() != Libc.EEXIST) {
                    throw needsRoot(e);
                }
            }
        }
        TraceInstance instance =
                new TraceInstance(kernel, tracefs, directory, cpusOf(kernel, directory), formats, page);
        try {
            instance.write("trace_clock", "mono");
            instance.write("buffer_size_kb", Long.toString(Math.max(1, ringBytes / 1024)));
            if (kernel.has(directory.resolve("buffer_percent"))) {
                instance.write("buffer_percent", Integer.toString(wakePercent));
            }
            instance.write("tracing_on", "1");
        } catch (IOException | RuntimeException e) {
            instance.close();
            throw e;
        }
        return instance;
    }

    private static IOException needsRoot(KernelException e) {
        return e.isForbidden() ? new DamonUnavailableException(e.getMessage() + ": tracing needs root", e) : e;
    }

    /** Removes instances whose owners are gone. */
    public static void removeOrphans(Kernel kernel, Path tracefs) throws IOException {
        for (Path orphan : orphans(kernel, tracefs)) {
            try {
                kernel.removeDirectory(orphan);
            } catch (IOException busy) {
                continue; // somebody reads it: it is not in the way
            }
        }
    }

    /** Instances whose owners are gone. */
    public static List<Path> orphans(Kernel kernel, Path tracefs) throws IOException {
        List<Path> found = new ArrayList<>();
        try {
            for (String name : kernel.list(tracefs.resolve("instances"))) {
                String[] parts = name.split("-");
                if (name.startsWith(PREFIX)
                        && parts.length == 4
                        && parts[1].matches("\\d{1,10}")
                        && isGone(Long.parseLong(parts[1]), parts[2])) {
                    found.add(tracefs.resolve("instances").resolve(name));
                }
            }
        } catch (KernelException e) {
            if (e.isAbsent()) {
                return found; // no tracefs is mounted, so nobody has left anything in it
            }
            throw needsRoot(e);
        }
        return found;
    }

    /** Whether a process that began at {@code start} is certainly there no more. */
    private static boolean isGone(long pid, String start) {
        try {
            return Kernel.LOCAL.value(Path.of("/proc/" + pid + "/stat")).isEmpty()
                    || !startOf(pid).isEmpty() && !startOf(pid).equals(start);
        } catch (IOException e) {
            return false;
        }
    }

    /** Start time of a process in clock ticks since boot; empty if there is none. */
    public static String startOf(long pid) {
        try {
            String stat = Kernel.LOCAL.read(Path.of("/proc/" + pid + "/stat"));
            // The name may hold anything; fields are counted from its closing bracket.
            return stat.substring(stat.lastIndexOf(')') + 2).split(" ")[19];
        } catch (IOException | RuntimeException e) {
            return "";
        }
    }

    private static List<Integer> cpusOf(Kernel kernel, Path directory) throws IOException {
        List<Integer> found = new ArrayList<>();
        for (String cpu : kernel.list(directory.resolve("per_cpu"))) {
            if (cpu.matches("cpu\\d{1,6}")) {
                found.add(Integer.parseInt(cpu.substring(3)));
            }
        }
        found.sort(null);
        return List.copyOf(found);
    }

    void write(String file, String value) throws IOException {
        kernel.write(directory.resolve(file), value);
    }

    /** A descriptor on the ring of a CPU. */
    int openRing(int cpu) throws IOException {
        return kernel.openRing(directory.resolve("per_cpu/cpu" + cpu + "/trace_pipe_raw"));
    }

    /** Stops new events; what is in the ring stays. */
    public void stop() throws IOException {
        write("tracing_on", "0");
    }

    public Path directory() {
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

    /** Events overwritten before anybody read them, on all CPUs, as the kernel counts them. */
    public long overrun() throws IOException {
        long sum = 0;
        for (int cpu : cpus) {
            sum += stat(cpu, "overrun") + stat(cpu, "dropped events");
        }
        return sum;
    }

    /** Bytes the rings of all CPUs take together. */
    public long ringBytes() throws IOException {
        return Long.parseLong(kernel.read(directory.resolve("buffer_total_size_kb"))
                        .trim()
                        .split(" ")[0])
                * 1024;
    }

    private long stat(int cpu, String name) throws IOException {
        for (String line :
                kernel.read(directory.resolve("per_cpu/cpu" + cpu + "/stats")).split("\n")) {
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
            kernel.removeDirectory(directory);
        }
    }

    @Override
    public String toString() {
        return tracefs.relativize(directory).toString();
    }
}
