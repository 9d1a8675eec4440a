package org.damson.recorder.damon;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.damson.model.MonitoringAttrs;
import org.damson.recorder.kernel.Kernel;

/**
 * The current users of DAMON on this machine. Only reads.
 *
 * @param present whether the kernel offers DAMON at all
 * @param available whether DAMON's sysfs interface is there and may be read
 * @param hidden whether a file that would name the users exists but cannot be read
 * @param configured kdamonds set up through sysfs, running or not
 * @param running running kdamonds of sysfs and of kernel modules, as far as they are visible
 */
public record DamonUsers(
        boolean present, boolean available, boolean hidden, int configured, List<DamonUsers.Kdamond> running) {
    /** Nothing is known of any. */
    static final DamonUsers NONE = new DamonUsers(false, false, false, 0, List.of());

    /** The module that is on by default in some kernels. */
    static final String STAT = "damon_stat";

    /** Kernel modules that run a kdamond for physical addresses. */
    private static final List<String> PHYSICAL = List.of(STAT, "damon_reclaim", "damon_lru_sort");

    /**
     * One kdamond.
     *
     * @param holder its owner: {@code sysfs} or the name of a module
     * @param index its number in sysfs, -1 for a module's
     * @param thread its thread id, -1 if not known
     * @param attrs monitoring attributes, as far as the kernel says
     * @param addrUnit bytes that one unit of its addresses stands for
     * @param operations monitoring operations, as in {@code vaddr}; empty if not known
     */
    public record Kdamond(
            String holder, int index, int thread, MonitoringAttrs attrs, long addrUnit, String operations) {
        /** For people. */
        String text() {
            String who = index >= 0 ? "kdamond " + index + " of sysfs" : holder;
            return thread >= 0 ? who + " (thread " + thread + ")" : who;
        }
    }

    public DamonUsers {
        running = List.copyOf(running);
    }

    /**
     * Looks under a {@code /sys}, which tests replace.
     *
     * @throws IOException if a state could not be read: who runs is not known then, and nobody may be taken to
     */
    static DamonUsers look(Kernel kernel, Path sys) throws IOException {
        Path kdamonds = kdamonds(sys);
        List<Kdamond> running = new ArrayList<>();
        int configured = (int) kernel.number(kdamonds.resolve("nr_kdamonds"), 0);
        for (Path kdamond : kernel.numbered(kdamonds)) {
            if (!kernel.value(kdamond.resolve("state")).equals("on")) {
                continue;
            }
            Path context = kdamond.resolve("contexts/0");
            running.add(new Kdamond(
                    "sysfs",
                    Integer.parseInt(kdamond.getFileName().toString()),
                    (int) kernel.number(kdamond.resolve("pid"), -1),
                    attrs(kernel, context.resolve("monitoring_attrs")),
                    Math.max(1, kernel.number(context.resolve("addr_unit"), 1)),
                    kernel.text(context.resolve("operations"))));
        }
        List<String> modules = modules(sys);
        boolean hidden = false;
        for (String module : modules) {
            Path parameters = sys.resolve("module/" + module + "/parameters");
            String enabled = kernel.value(parameters.resolve("enabled"));
            hidden |= enabled.isEmpty();
            if (enabled.equals("Y")) {
                running.add(new Kdamond(
                        module,
                        -1,
                        (int) kernel.number(parameters.resolve("kdamond_pid"), -1),
                        moduleAttrs(kernel, parameters),
                        Math.max(1, kernel.number(parameters.resolve("addr_unit"), 1)),
                        PHYSICAL.contains(module) ? "paddr" : ""));
            }
        }
        boolean isThere = kernel.has(kdamonds);
        boolean available = !kernel.value(kdamonds.resolve("nr_kdamonds")).isEmpty();
        return new DamonUsers(
                isThere || !modules.isEmpty(), available, hidden || isThere && !available, configured, running);
    }

    /**
     * Kernel modules that run a kdamond of their own, as far as this kernel has them: DAMON's own, and whatever others
     * are loaded, as its samples are. All exclude one another and sysfs.
     */
    static List<String> modules(Path sys) {
        try (Stream<Path> all = Files.list(sys.resolve("module"))) {
            return all.map(m -> m.getFileName().toString())
                    .filter(name -> name.startsWith("damon_"))
                    .sorted()
                    .toList();
        } catch (IOException | UncheckedIOException e) {
            return List.of();
        }
    }

    /** Describes the users of DAMON for the manifest, or why they are unknown. */
    public static String describe(Path sys) {
        return describe(Kernel.ofProcess(), sys);
    }

    static String describe(Kernel kernel, Path sys) {
        try {
            return look(kernel, sys).summary();
        } catch (IOException e) {
            return "unknown: " + e.getMessage();
        }
    }

    private String summary() {
        if (!running.isEmpty()) {
            return "in use by others, left unchanged: " + text();
        }
        if (hidden) {
            return "unknown: its users are shown to root only";
        }
        return present ? "not in use" : "not found";
    }

    public static Path kdamonds(Path sys) {
        return sys.resolve("kernel/mm/damon/admin/kdamonds");
    }

    /** All running kdamonds as text; empty if there are none. */
    String text() {
        return String.join(", ", running.stream().map(Kdamond::text).toList());
    }

    /** The kdamond that runs as this thread, or null. */
    Kdamond byThread(int thread) {
        return running.stream().filter(k -> k.thread() == thread).findFirst().orElse(null);
    }

    static MonitoringAttrs attrs(Kernel kernel, Path attrs) {
        long sampleUs = kernel.number(attrs.resolve("intervals/sample_us"), -1);
        long aggrUs = kernel.number(attrs.resolve("intervals/aggr_us"), -1);
        if (sampleUs < 0 || aggrUs < sampleUs) {
            return MonitoringAttrs.DEFAULTS;
        }
        return new MonitoringAttrs(
                sampleUs,
                aggrUs,
                Math.max(0, kernel.number(attrs.resolve("intervals/update_us"), 0)),
                Math.max(0, kernel.number(attrs.resolve("nr_regions/min"), 0)),
                Math.max(0, kernel.number(attrs.resolve("nr_regions/max"), 0)),
                MonitoringAttrs.IntervalsOrigin.RECORDED);
    }

    private static MonitoringAttrs moduleAttrs(Kernel kernel, Path parameters) {
        long sampleUs = kernel.number(parameters.resolve("sample_interval"), -1);
        long aggrUs = kernel.number(parameters.resolve("aggr_interval"), -1);
        if (sampleUs >= 0 && aggrUs >= sampleUs) {
            return new MonitoringAttrs(
                    sampleUs,
                    aggrUs,
                    0,
                    Math.max(0, kernel.number(parameters.resolve("min_nr_regions"), 0)),
                    Math.max(0, kernel.number(parameters.resolve("max_nr_regions"), 0)),
                    MonitoringAttrs.IntervalsOrigin.RECORDED);
        }
        // DAMON_STAT starts from DAMON's defaults and tunes both intervals by the same factor.
        MonitoringAttrs usual = MonitoringAttrs.DEFAULTS;
        aggrUs = kernel.number(parameters.resolve("aggr_interval_us"), -1);
        long samples = usual.aggrUs() / usual.sampleUs();
        return aggrUs < samples
                ? usual
                : new MonitoringAttrs(aggrUs / samples, aggrUs, 0, 0, 0, MonitoringAttrs.IntervalsOrigin.RECORDED);
    }
}
