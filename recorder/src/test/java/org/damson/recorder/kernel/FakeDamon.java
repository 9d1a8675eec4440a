package org.damson.recorder.kernel;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.damson.recorder.damon.DamonUsers;
import org.damson.recorder.damon.Targets;

/**
 * DAMON's part of {@code /sys} in a directory, which behaves as the kernel's: counts make and remove entries, kdamonds
 * start and stop, a running one forbids changing their number, DAMON_STAT excludes others. Files below a context are
 * those of the kernel that the recorded tree is from.
 */
public final class FakeDamon implements Kernel {
    /** Thrown instead of a step, as if the process had been killed before it. */
    public static final class Killed extends Error {
        private static final long serialVersionUID = 1L;
    }

    public final Path root;
    public final Path sys;
    public final Path run;
    public final Path kdamonds;
    /** What was written, oldest first: {@code PATH=VALUE}. */
    public final List<String> writes = new ArrayList<>();
    /** Processes that can be targets. */
    public final Set<Long> alive = new HashSet<>();

    /** Reads that are refused: the error, and how often it is still given. */
    public final Map<Path, int[]> refusals = new TreeMap<>();

    public String bootId = "boot-1";
    /** Steps that change anything until the process is killed; negative: never. */
    public int killAfter = -1;
    /** Whether the step at which it is killed is still done. */
    public boolean killedStepIsDone;

    private int nextThread = 500;
    private final Set<Path> locked = new HashSet<>();
    private final Map<String, String> pattern = new TreeMap<>();

    /**
     * An untouched one.
     *
     * @param recorded {@code sysfs-running.tsv} of some kernel
     */
    public FakeDamon(Path root, Path recorded, boolean hasStat) throws IOException {
        this.root = root;
        sys = root.resolve("sys");
        run = root.resolve("run/damson");
        kdamonds = DamonUsers.kdamonds(sys);
        Files.createDirectories(kdamonds);
        Files.createDirectories(run.getParent());
        Files.writeString(kdamonds.resolve("nr_kdamonds"), "0\n");
        if (hasStat) {
            Path stat = Files.createDirectories(sys.resolve("module/damon_stat/parameters"));
            Files.writeString(stat.resolve("enabled"), "Y\n");
            Files.writeString(stat.resolve("kdamond_pid"), "99\n");
        }
        for (String line : Files.readAllLines(recorded)) {
            String[] parts = line.split("\t", -1);
            String path = parts[2].replace("kernel/mm/damon/admin/kdamonds", "");
            if (parts[1].equals("f") && path.startsWith("/")) {
                // One pattern for all entries of a kind, with the value of an entry just made.
                pattern.putIfAbsent(path.replaceAll("/\\d+(?=/)", "/N"), initial(path));
            }
        }
        // No recorded tree has a filter in it. Kernels whose filters may allow split them by who decides.
        String schemes = "/N/contexts/N/schemes/N/";
        boolean allows = pattern.containsKey(schemes + "core_filters/nr_filters");
        for (String file : List.of("type", "matching", "memcg_path", "addr_start", "addr_end", "damon_target_idx")) {
            pattern.put(schemes + "filters/N/" + file, "");
        }
        for (String file : allows ? List.of("allow", "min", "max") : List.<String>of()) {
            pattern.put(schemes + "filters/N/" + file, "");
        }
    }

    /** Makes it a kernel newer than any that a tree is recorded of, by what its documentation names. */
    public void isNewer() {
        String scheme = "/N/contexts/N/schemes/N/";
        pattern.put(scheme + "stats/max_nr_snapshots", "0");
        pattern.put(scheme + "quotas/goal_tuner", "consist");
        for (String file : List.of("target_metric", "target_value", "current_value", "nid", "path")) {
            pattern.put(scheme + "quotas/goals/N/" + file, "0");
        }
        pattern.putIfAbsent(scheme + "dests/nr_dests", "0");
        pattern.putIfAbsent(scheme + "dests/N/id", "0");
        pattern.putIfAbsent(scheme + "dests/N/weight", "0");
        for (String file : List.of("nr_probes", "N/filters/nr_filters")) {
            pattern.put("/N/contexts/N/monitoring_attrs/probes/" + file, "0");
        }
        for (String file : List.of("type", "matching", "allow", "path")) {
            pattern.put("/N/contexts/N/monitoring_attrs/probes/N/filters/N/" + file, "");
        }
    }

    private static String initial(String path) {
        if (path.endsWith("/state")) {
            return "off";
        }
        if (path.endsWith("/pid") || path.endsWith("/target_nid")) {
            return path.endsWith("/pid") ? "-1" : "-1";
        }
        if (path.endsWith("/avail_operations")) {
            return "vaddr\nfvaddr\npaddr";
        }
        return path.endsWith("/operations")
                ? "vaddr"
                : path.endsWith("/action") ? "willneed" : path.endsWith("metric") ? "none" : "0";
    }

    public Targets.Processes processes() {
        return new Targets.Processes() {
            @Override
            public String startOf(long pid) {
                return alive.contains(pid) ? "1" : "";
            }

            @Override
            public List<Long> children(long pid) {
                // Processes 1001, 1002, ... are children of 1000.
                return pid == 1000
                        ? alive.stream()
                                .filter(p -> p > 1000 && p < 3000)
                                .sorted()
                                .toList()
                        : List.of();
            }

            @Override
            public String nameOf(long pid) {
                return "p" + pid;
            }

            @Override
            public long placeholder() {
                return 2;
            }
        };
    }

    /** All files with their values, to compare. */
    public Map<String, String> tree() throws IOException {
        Map<String, String> all = new TreeMap<>();
        try (Stream<Path> paths = Files.walk(sys)) {
            for (Path p : (Iterable<Path>) paths::iterator) {
                all.put(sys.relativize(p).toString(), Files.isDirectory(p) ? "" : Files.readString(p));
            }
        }
        return all;
    }

    /** The process is dead: its locks are gone, and steps are done again. */
    public void died() {
        locked.clear();
        killAfter = -1;
    }

    private void step(Runnable action) throws IOException {
        boolean kill = killAfter == 0;
        killAfter -= killAfter > 0 ? 1 : 0;
        if (!kill || killedStepIsDone) {
            action.run();
        }
        if (kill) {
            throw new Killed();
        }
    }

    @Override
    public String read(Path path) throws IOException {
        if (path.equals(Path.of("/proc/sys/kernel/random/boot_id"))) {
            return bootId + "\n";
        }
        int[] refusal = refusals.get(path);
        if (refusal != null && refusal[1]-- > 0) {
            throw new KernelException("read", path, refusal[0], Libc.reason(refusal[0]));
        }
        if (Files.isDirectory(path)) {
            throw new KernelException("read", path, Libc.EISDIR, "Is a directory");
        }
        return LOCAL.read(path);
    }

    @Override
    public void write(Path path, String value) throws IOException {
        IOException[] refused = new IOException[1];
        step(() -> {
            try {
                writes.add(sys.relativize(path) + "=" + value);
                doWrite(path, value);
            } catch (IOException e) {
                refused[0] = e;
            }
        });
        if (refused[0] != null) {
            throw refused[0];
        }
    }

    private void doWrite(Path path, String value) throws IOException {
        if (!Files.exists(path)) {
            throw new KernelException("write", path, Libc.ENOENT, "No such file or directory");
        }
        String name = path.getFileName().toString();
        Path directory = path.getParent();
        if (name.equals("state")) {
            state(directory, value);
            return;
        }
        if (name.equals("enabled")) {
            Files.writeString(path, value + "\n");
            return;
        }
        if (name.startsWith("nr_") && !directory.endsWith("monitoring_attrs")) {
            if (name.equals("nr_kdamonds") && anyOn()) {
                throw new KernelException("write", path, Libc.EBUSY, "Device or resource busy");
            }
            entries(directory, Integer.parseInt(value));
        }
        Files.writeString(path, value + "\n");
    }

    private void entries(Path directory, int count) throws IOException {
        for (Path old : numbered(directory)) {
            try (Stream<Path> below = Files.walk(old, new FileVisitOption[0])) {
                for (Path p : below.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(p);
                }
            }
        }
        String prefix = ("/" + kdamonds.relativize(directory)).replaceAll("/\\d+(?=/|$)", "/N");
        prefix = (prefix.equals("/") ? "" : prefix) + "/N/";
        for (int i = 0; i < count; i++) {
            Files.createDirectories(directory.resolve(Integer.toString(i)));
            for (Map.Entry<String, String> e : pattern.entrySet()) {
                String rest = e.getKey().startsWith(prefix) ? e.getKey().substring(prefix.length()) : "N";
                if (!("/" + rest).contains("/N")) {
                    Path file = directory.resolve(Integer.toString(i)).resolve(rest);
                    Files.createDirectories(file.getParent());
                    Files.writeString(file, e.getValue() + "\n");
                }
            }
        }
    }

    private boolean anyOn() throws IOException {
        for (Path k : numbered(kdamonds)) {
            if (text(k.resolve("state")).equals("on")) {
                return true;
            }
        }
        return false;
    }

    private void state(Path kdamond, String value) throws IOException {
        Path state = kdamond.resolve("state");
        boolean on = text(state).equals("on");
        switch (value) {
            case "on" -> {
                if (text(sys.resolve("module/damon_stat/parameters/enabled")).equals("Y") || on) {
                    throw new KernelException("write", state, Libc.EBUSY, "Device or resource busy");
                }
                requireTargets(kdamond);
                Files.writeString(state, "on\n");
                Files.writeString(kdamond.resolve("pid"), nextThread++ + "\n");
            }
            case "off" -> {
                if (!on) {
                    throw new KernelException("write", state, Libc.EPERM, "Operation not permitted");
                }
                Files.writeString(state, "off\n");
                Files.writeString(kdamond.resolve("pid"), "-1\n");
            }
            case "update_schemes_tried_regions", "commit" -> {
                if (!on) {
                    throw new KernelException("write", state, Libc.EINVAL, "Invalid argument");
                }
                requireTargets(kdamond);
            }
            default -> throw new KernelException("write", state, Libc.EINVAL, "Invalid argument");
        }
    }

    private void requireTargets(Path kdamond) throws IOException {
        if (text(kdamond.resolve("contexts/0/operations")).equals("paddr")) {
            return;
        }
        for (Path target : numbered(kdamond.resolve("contexts/0/targets"))) {
            long pid = number(target.resolve("pid_target"), -1);
            if (pid != 2 && !alive.contains(pid)) {
                throw new KernelException("write", kdamond.resolve("state"), Libc.EINVAL, "Invalid argument");
            }
        }
    }

    @Override
    public List<String> list(Path directory) throws IOException {
        return LOCAL.list(directory);
    }

    @Override
    public void makeDirectory(Path directory) throws IOException {
        LOCAL.makeDirectory(directory);
    }

    @Override
    public void removeDirectory(Path directory) throws IOException {
        LOCAL.removeDirectory(directory);
    }

    @Override
    public int openRing(Path path) {
        throw new UnsupportedOperationException("no rings here");
    }

    @Override
    public Closeable lock(Path path) throws IOException {
        Files.createDirectories(path.getParent());
        if (!locked.add(path)) {
            return null;
        }
        return () -> locked.remove(path);
    }

    @Override
    public void append(Path path, String text) throws IOException {
        IOException[] failed = new IOException[1];
        step(() -> {
            try {
                LOCAL.append(path, text);
            } catch (IOException e) {
                failed[0] = e;
            }
        });
        if (failed[0] != null) {
            throw failed[0];
        }
    }

    @Override
    public void remove(Path path) throws IOException {
        LOCAL.remove(path);
    }
}
