package org.damson.recorder.damon;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongFunction;
import org.damson.damon.setup.DamonSetup;
import org.damson.recorder.kernel.Kernel;

/**
 * Processes that are targets, each at its place for good: DAMON knows targets by their place, and a new process at the
 * place of an old one would inherit its regions.
 *
 * <p>Before the kernel is told of new targets, all are looked up again by number, and it refuses numbers that are nobody's.
 * So a process that has ended is replaced by one that has no memory, for which DAMON finds nothing: kthreadd.
 */
public final class Targets {
    /** More are not followed: every new one makes the kernel take all of them anew. */
    static final int MAX = 1000;

    /** Looks up facts about processes. */
    public interface Processes {
        /** Start time in ticks, empty if it has ended or has no memory any more, null if that is not known now. */
        String startOf(long pid);

        /** Its children. */
        List<Long> children(long pid);

        /** Name of its program. */
        String nameOf(long pid);

        /** A process that never ends and has no memory; 0 if there is none here. */
        long placeholder();
    }

    private static final class Target {
        final long pid;
        final String start;
        String name;
        final long fromNs;
        long toNs;

        Target(long pid, String start, String name, long fromNs) {
            this.pid = pid;
            this.start = start;
            this.name = name;
            this.fromNs = fromNs;
        }
    }

    private final Processes processes;
    private final List<Target> all = new ArrayList<>();
    private boolean full;

    Targets(Processes processes) {
        this.processes = processes;
    }

    /**
     * Adds a process if it runs and is none yet.
     *
     * @return whether it was added
     */
    boolean add(long pid, long nowNs) {
        String start = processes.startOf(pid);
        for (Target t : all) {
            if (t.pid == pid && t.start.equals(start)) {
                return false;
            }
        }
        if (start == null || start.isEmpty()) {
            return false;
        }
        if (all.size() >= MAX) {
            full = true;
            return false;
        }
        all.add(new Target(pid, start, processes.nameOf(pid), nowNs));
        return true;
    }

    /** Adds children of targets that run, and theirs. Returns whether there were any. */
    boolean addChildren(long nowNs) {
        boolean added = false;
        for (int i = 0; i < all.size(); i++) {
            Target t = all.get(i);
            if (t.toNs == 0) {
                for (long child : processes.children(t.pid)) {
                    added |= add(child, nowNs);
                }
            }
        }
        return added;
    }

    /** Notes which have ended since. Returns whether any runs. */
    boolean look(long nowNs) {
        boolean any = false;
        for (Target t : all) {
            String start = t.toNs == 0 ? processes.startOf(t.pid) : null;
            if (start != null && !start.equals(t.start)) {
                t.toNs = Math.max(1, nowNs);
            }
            any |= t.toNs == 0;
        }
        return any;
    }

    /** Whether a place is that of a process that had ended at {@code timeNs}. */
    boolean isEnded(long place, long timeNs) {
        if (place < 0 || place >= all.size()) {
            return false;
        }
        long toNs = all.get((int) place).toNs;
        return toNs != 0 && timeNs > toNs;
    }

    /** Looks up the names of those that run again. */
    void nameAgain() {
        for (Target t : all) {
            String name = processes.nameOf(t.pid);
            t.name = t.toNs == 0 && !name.isEmpty() ? name : t.name;
        }
    }

    /** Whether there were more than can be followed. */
    boolean isFull() {
        return full;
    }

    int size() {
        return all.size();
    }

    long[] running() {
        return all.stream().filter(t -> t.toNs == 0).mapToLong(t -> t.pid).toArray();
    }

    /** For the kernel: those that have ended are replaced. */
    List<DamonSetup.Target> places() {
        List<DamonSetup.Target> places = new ArrayList<>();
        for (Target t : all) {
            places.add(new DamonSetup.Target(t.toNs == 0 ? t.pid : processes.placeholder(), List.of()));
        }
        return places;
    }

    /** For the manifest. */
    List<Map<String, Object>> describe() {
        List<Map<String, Object>> facts = new ArrayList<>();
        for (int i = 0; i < all.size(); i++) {
            Target t = all.get(i);
            Map<String, Object> fact = new LinkedHashMap<>();
            fact.put("target", (long) i);
            fact.put("pid", t.pid);
            fact.put("name", t.name);
            fact.put("from_ns", t.fromNs);
            if (t.toNs != 0) {
                fact.put("to_ns", t.toNs);
            }
            facts.add(fact);
        }
        return facts;
    }

    /** The processes of this machine. */
    static final class OfProc implements Processes {
        private final LongFunction<Path> directory;

        OfProc(Path proc) {
            directory = pid -> proc.resolve(Long.toString(pid));
        }

        @Override
        public String startOf(long pid) {
            try {
                String stat = Kernel.LOCAL.value(directory.apply(pid).resolve("stat"));
                if (stat.isEmpty()) {
                    return "";
                }
                String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
                // One that waits to be reaped has no memory left.
                return fields[0].equals("Z") || fields[0].equals("X") ? "" : fields[19];
            } catch (IOException | RuntimeException e) {
                return null;
            }
        }

        @Override
        public List<Long> children(long pid) {
            List<Long> found = new ArrayList<>();
            Path tasks = directory.apply(pid).resolve("task");
            try {
                for (Path task : Kernel.LOCAL.numbered(tasks)) {
                    for (String word :
                            Kernel.LOCAL.text(task.resolve("children")).split("\\s+")) {
                        if (!word.isEmpty()) {
                            found.add(Long.parseLong(word));
                        }
                    }
                }
            } catch (IOException e) {
                return found; // the next look, a moment later, finds the others
            }
            return found;
        }

        @Override
        public String nameOf(long pid) {
            return Kernel.LOCAL.text(directory.apply(pid).resolve("comm"));
        }

        @Override
        public long placeholder() {
            return nameOf(2).equals("kthreadd") ? 2 : 0;
        }
    }
}
