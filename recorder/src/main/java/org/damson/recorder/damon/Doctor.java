package org.damson.recorder.damon;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.GZIPInputStream;
import org.damson.recorder.kernel.Kernel;
import org.damson.recorder.kernel.Mounts;
import org.damson.recorder.kernel.Tracefs;

/** What this machine can record, and what would enable the rest. Only reads. */
public final class Doctor {
    /**
     * A capability of damson.
     *
     * @param name what, as in {@code record --attach}
     * @param works whether it works here, for this user, now
     * @param why what it relies on, or what is missing
     * @param fix the command that would enable it; empty if it works or nothing would
     */
    public record Ability(String name, boolean works, String why, String fix) {
        /** Whether the fix is a command, and not a requirement on the kernel. */
        public boolean isCommand() {
            return fix.startsWith("sudo ") || fix.startsWith("damson ") || fix.startsWith("tar ");
        }
    }

    /**
     * What was found.
     *
     * @param facts by name, in the order in which they are worth reading
     */
    public record Report(Map<String, Object> facts, List<Ability> abilities) {
        public Report {
            abilities = List.copyOf(abilities);
        }
    }

    private static final List<String> CONFIG = List.of(
            "CONFIG_DAMON",
            "CONFIG_DAMON_VADDR",
            "CONFIG_DAMON_PADDR",
            "CONFIG_DAMON_SYSFS",
            "CONFIG_DAMON_STAT",
            "CONFIG_DAMON_STAT_ENABLED_DEFAULT",
            "CONFIG_DAMON_RECLAIM",
            "CONFIG_DAMON_LRU_SORT",
            "CONFIG_FTRACE",
            "CONFIG_PROC_PAGE_MONITOR",
            "CONFIG_PSI",
            "CONFIG_PERF_EVENTS");

    /** Where DAMON's files are on the machine that is examined, wherever its files lie here. */
    private static final Path MOUNTED = Path.of("/sys/kernel/mm/damon");

    private static final int MAX_CONFIG_BYTES = 8 << 20;

    private final Kernel kernel;
    private final Path root;
    private final Path sys;
    private final Path proc;
    private final Map<String, Object> facts = new LinkedHashMap<>();
    private final List<Ability> abilities = new ArrayList<>();
    /** Why it is not known who uses DAMON; empty if it is. */
    private String unread = "";

    private Doctor(Kernel kernel, Path root) {
        this.kernel = kernel;
        this.root = root;
        sys = root.resolve("sys");
        proc = root.resolve("proc");
    }

    /** Examines a machine whose files are under {@code root}. */
    public static Report examine(Path root) {
        return examine(Kernel.LOCAL, root);
    }

    static Report examine(Kernel kernel, Path root) {
        Doctor doctor = new Doctor(kernel, root);
        doctor.look();
        return new Report(doctor.facts, doctor.abilities);
    }

    private void look() {
        String release = kernel.text(proc.resolve("sys/kernel/osrelease"));
        facts.put("kernel", release);
        Map<String, String> config = config(release);
        facts.put("kernel_config", config.isEmpty() ? "not readable" : config);
        boolean admin = capabilities();
        Path kdamonds = DamonUsers.kdamonds(sys);
        boolean present = kernel.has(kdamonds) || kernel.has(kdamonds.getParent());
        boolean readable = !kernel.text(kdamonds.resolve("nr_kdamonds")).isEmpty();
        DamonUsers users = DamonUsers.NONE;
        try {
            users = DamonUsers.look(kernel, sys);
        } catch (IOException e) {
            unread = e.getMessage();
        }
        facts.put("damon_sysfs", present ? readable ? "yes" : "yes, for root only" : "no");
        facts.put(
                "damon_used_by",
                !unread.isEmpty()
                        ? "unknown: " + unread
                        : users.running().isEmpty() ? users.hidden() ? "unknown" : "nobody" : users.text());
        facts.put("damon_modules", modules());
        facts.put("damon_settings", settings(kdamonds));
        Path tracefs = Tracefs.find(proc.resolve("self/mountinfo"));
        facts.put("tracefs", tracefs == null ? "not mounted" : tracefs.toString());
        List<String> events = tracefs == null ? List.of() : events(tracefs);
        facts.put("damon_events", events);
        facts.put("trace_ring_bytes_per_cpu", DamonSource.usualRingBytes());
        facts.put("transparent_hugepage", chosen("kernel/mm/transparent_hugepage/enabled"));
        facts.put("swap", swap());
        String clock = kernel.text(sys.resolve("devices/system/clocksource/clocksource0/current_clocksource"));
        facts.put("clock", "CLOCK_MONOTONIC over " + (clock.isEmpty() ? "a source that is not known" : clock));
        String paranoid = kernel.text(proc.resolve("sys/kernel/perf_event_paranoid"));
        facts.put("perf_event_paranoid", paranoid.isEmpty() ? "no perf events" : paranoid);

        tracing(tracefs, events);
        boolean vaddr = !"n".equals(config.get("CONFIG_DAMON_VADDR"));
        boolean paddr = !"n".equals(config.get("CONFIG_DAMON_PADDR"));
        setUp("record --source damon", present, readable, admin, users, tracefs, vaddr, "CONFIG_DAMON_VADDR");
        setUp("record --source damon --paddr", present, readable, admin, users, tracefs, paddr, "CONFIG_DAMON_PADDR");
        boolean referenced = kernel.has(proc.resolve("self/clear_refs"));
        ability(
                "record (referenced bits)",
                referenced,
                referenced
                        ? admin ? "any process" : "processes of the same user"
                        : "the kernel has no " + proc.resolve("self/clear_refs"),
                referenced ? "" : "a kernel with CONFIG_PROC_PAGE_MONITOR=y");
        boolean pressure = !kernel.text(proc.resolve("pressure/memory")).isEmpty();
        ability(
                "memory pressure in recordings",
                pressure,
                pressure ? "PSI is on" : "no " + proc.resolve("pressure/memory"),
                pressure ? "" : "boot with psi=1 on a kernel with CONFIG_PSI=y");
        stacks(paranoid);
    }

    /** Levels above 2 are Debian's and Android's: they allow nothing without the capability. */
    private void stacks(String paranoid) {
        String name = "record --stacks";
        List<?> held = (List<?>) facts.get("capabilities");
        boolean privileged = held.contains("perfmon") || held.contains("sys_admin");
        if (paranoid.isEmpty()) {
            ability(name, false, "the kernel has no perf events", "a kernel with CONFIG_PERF_EVENTS=y");
        } else if (privileged || !paranoid.matches("[3-9]")) {
            ability(name, true, privileged ? "any process" : "processes of the same user", "");
        } else {
            ability(
                    name,
                    false,
                    "kernel.perf_event_paranoid is " + paranoid,
                    "sudo sysctl kernel.perf_event_paranoid=2");
        }
    }

    private void ability(String name, boolean works, String why, String fix) {
        abilities.add(new Ability(name, works, why, fix));
    }

    private void tracing(Path tracefs, List<String> events) {
        String name = "record --attach";
        if (tracefs == null) {
            ability(name, false, "tracefs is not mounted", "sudo mount -t tracefs tracefs " + Tracefs.USUAL);
        } else if (events.isEmpty() && !kernel.has(tracefs.resolve("instances"))) {
            ability(name, false, tracefs + " is not readable: tracing needs root", "sudo damson record --attach");
        } else if (!events.contains("damon_aggregated")) {
            ability(name, false, "this kernel has no damon_aggregated event", "a kernel with CONFIG_DAMON=y");
        } else if (isReadOnly(tracefs)) {
            readOnly(name, tracefs);
        } else {
            ability(name, true, "private rings in " + tracefs.resolve("instances"), "");
        }
    }

    /** A value of the kernel's configuration; null if unknown. */
    private Object option(String name) {
        return facts.get("kernel_config") instanceof Map<?, ?> config ? config.get(name) : null;
    }

    private boolean isReadOnly(Path path) {
        Mounts.Mount over = Mounts.over(proc.resolve("self/mountinfo"), path);
        return over != null && over.isReadOnly();
    }

    private void readOnly(String name, Path path) {
        ability(
                name,
                false,
                path + " is mounted read-only, as in a container",
                path + " mounted writable (for a container: -v /sys/kernel:/sys/kernel)");
    }

    private void setUp(
            String name,
            boolean present,
            boolean readable,
            boolean admin,
            DamonUsers users,
            Path tracefs,
            boolean operations,
            String option) {
        if (!present && "y".equals(option("CONFIG_DAMON_SYSFS"))) {
            boolean isMounted = kernel.has(sys.resolve("kernel"));
            ability(
                    name,
                    false,
                    "this kernel has DAMON, but "
                            + (isMounted ? "its files are hidden here, as in a container" : "sysfs is not mounted"),
                    isMounted ? "" : "sudo mount -t sysfs sysfs /sys");
        } else if (!present) {
            ability(name, false, "the kernel has no " + DamonUsers.kdamonds(sys), "a kernel with CONFIG_DAMON_SYSFS=y");
        } else if (!operations) {
            ability(name, false, "the kernel was built without " + option, "a kernel with " + option + "=y");
        } else if (!admin) {
            ability(name, false, "setting up DAMON needs root", "sudo damson " + name);
        } else if (!readable) {
            ability(name, false, "the kernel does not let even this user read DAMON's files, as in a container", "");
        } else if (isReadOnly(MOUNTED)) {
            readOnly(name, MOUNTED);
        } else if (tracefs == null) {
            ability(name, false, "tracefs is not mounted", "sudo mount -t tracefs tracefs " + Tracefs.USUAL);
        } else if (isReadOnly(tracefs)) {
            readOnly(name, tracefs);
        } else if (!unread.isEmpty()) {
            ability(name, false, "who uses DAMON could not be read: " + unread, "damson doctor");
        } else if (!users.running().isEmpty()) {
            boolean stat = users.running().stream().allMatch(k -> k.holder().equals(DamonUsers.STAT));
            ability(
                    name,
                    false,
                    "DAMON is in use by " + users.text(),
                    stat ? "damson " + name + " --suspend-damon-stat" : "damson record --attach");
        } else {
            ability(name, true, "nobody else uses DAMON", "");
        }
    }

    /** Options of the kernel's configuration that matter: {@code y}, {@code m} or {@code n}; empty if not known. */
    private Map<String, String> config(String release) {
        String text = kernel.text(root.resolve("boot/config-" + release));
        if (text.isEmpty()) {
            text = unzipped(proc.resolve("config.gz"));
        }
        Map<String, String> found = new TreeMap<>();
        if (text.isEmpty()) {
            return found;
        }
        for (String option : CONFIG) {
            found.put(option, "n");
        }
        for (String line : text.split("\n")) {
            int equals = line.indexOf('=');
            if (equals > 0 && found.containsKey(line.substring(0, equals))) {
                found.put(line.substring(0, equals), line.substring(equals + 1).trim());
            }
        }
        return found;
    }

    private static String unzipped(Path path) {
        try (InputStream in = new GZIPInputStream(new ByteArrayInputStream(Files.readAllBytes(path)))) {
            return new String(in.readNBytes(MAX_CONFIG_BYTES), StandardCharsets.UTF_8);
        } catch (IOException e) {
            return "";
        }
    }

    /** Notes the user and capabilities; returns whether this process is as good as root for DAMON's files. */
    private boolean capabilities() {
        String uid = "";
        long effective = 0;
        for (String line : kernel.text(proc.resolve("self/status")).split("\n")) {
            if (line.startsWith("Uid:")) {
                uid = line.split("\\s+")[2];
            } else if (line.startsWith("CapEff:")) {
                effective = Long.parseUnsignedLong(line.substring(7).trim(), 16);
            }
        }
        Map<Integer, String> names =
                new TreeMap<>(Map.of(1, "dac_override", 19, "sys_ptrace", 21, "sys_admin", 38, "perfmon"));
        List<String> held = new ArrayList<>();
        for (Map.Entry<Integer, String> e : names.entrySet()) {
            if ((effective >>> e.getKey() & 1) != 0) {
                held.add(e.getValue());
            }
        }
        facts.put("user_id", uid);
        facts.put("capabilities", held);
        return uid.equals("0") || held.contains("dac_override");
    }

    private Map<String, String> modules() {
        Map<String, String> found = new LinkedHashMap<>();
        for (String module : DamonUsers.modules(sys)) {
            String enabled = kernel.text(sys.resolve("module/" + module + "/parameters/enabled"));
            if (!enabled.isEmpty()) {
                found.put(module, enabled.equals("Y") ? "on" : "off");
            }
        }
        return found;
    }

    /** Features of DAMON's interface, read from a kdamond that somebody set up, since the kernel shows them nowhere else. */
    private Object settings(Path kdamonds) {
        List<Path> all;
        try {
            all = kernel.numbered(kdamonds);
        } catch (IOException e) {
            return "not readable: " + e.getMessage();
        }
        Path context = all.isEmpty() ? null : all.get(0).resolve("contexts/0");
        if (context == null || !kernel.has(context)) {
            return "shown by the kernel only while a kdamond is set up";
        }
        Map<String, Object> found = new LinkedHashMap<>();
        found.put(
                "operations",
                List.of(kernel.text(context.resolve("avail_operations")).split("\\s+")));
        found.put("addr_unit", kernel.has(context.resolve("addr_unit")));
        found.put("intervals_goal", kernel.has(context.resolve("monitoring_attrs/intervals/intervals_goal")));
        found.put("refresh_ms", kernel.has(all.get(0).resolve("refresh_ms")));
        return found;
    }

    private List<String> events(Path tracefs) {
        try {
            List<String> names = new ArrayList<>(kernel.list(tracefs.resolve("events/damon")));
            names.removeAll(List.of("enable", "filter"));
            names.sort(null);
            return names;
        } catch (IOException e) {
            return List.of();
        }
    }

    /** The word in brackets. */
    private String chosen(String file) {
        String text = kernel.text(sys.resolve(file));
        int from = text.indexOf('[');
        int to = text.indexOf(']');
        return from >= 0 && to > from ? text.substring(from + 1, to) : text.isEmpty() ? "none" : text;
    }

    private String swap() {
        String[] lines = kernel.text(proc.resolve("swaps")).split("\n");
        return lines.length <= 1 ? "none" : lines.length - 1 + " in use";
    }
}
