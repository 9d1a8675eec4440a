package org.damson.recorder.damon;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;
import org.damson.recorder.kernel.DamonUnavailableException;
import org.damson.recorder.kernel.Kernel;
import org.damson.recorder.kernel.KernelException;
import org.damson.recorder.kernel.Libc;
import org.damson.recorder.kernel.TraceInstance;

/**
 * Changes to the kernel that are to be undone, each written to a journal before it is made: by {@link #undo} at the end,
 * or, when the recorder was killed, by the next one ({@link #undoLeft}).
 *
 * <p>The journal is {@code changes} in a directory under {@code /run}; a lock beside it is held by the recorder that makes
 * changes, so that at most one does and everyone can tell whether it lives. Lines are {@link ChangeLine}s, the
 * first {@code boot TAB (boot id) TAB (process id)}. A journal of another boot is void: the kernel has forgotten all.
 *
 * <p>Only what is still as it was left is undone. If another program has taken DAMON over meanwhile, it is theirs.
 */
final class Changes implements Closeable {
    private static final String JOURNAL = "changes";
    private static final long STOP_NS = 20_000_000_000L;
    private static final long PAUSE_NS = 5_000_000;

    private final Kernel kernel;
    private final Path sys;
    private final Path run;
    private final LongSupplier clock;
    private final Closeable lock;
    private final List<ChangeLine> lines = new ArrayList<>();
    private boolean done;

    private Changes(Kernel kernel, Path sys, Path run, LongSupplier clock, Closeable lock) {
        this.kernel = kernel;
        this.sys = sys;
        this.run = run;
        this.clock = clock;
        this.lock = lock;
    }

    /**
     * Begins, after undoing what a dead recorder left.
     *
     * @param sys the {@code /sys} to change
     * @param run directory of the journal
     * @param told takes one line for people about what was undone, or could not be
     * @throws DamonUnavailableException if another recorder is at it
     */
    static Changes begin(Kernel kernel, Path sys, Path run, LongSupplier clock, List<String> told) throws IOException {
        Closeable lock = lock(kernel, run);
        if (lock == null) {
            throw new DamonUnavailableException("another damson records with DAMON: process " + owner(kernel, run));
        }
        Changes changes = new Changes(kernel, sys, run, clock, lock);
        try {
            changes.undoDead(told);
            changes.append(new ChangeLine(
                    ChangeLine.BOOT,
                    bootId(kernel),
                    Long.toString(ProcessHandle.current().pid())));
        } catch (IOException | RuntimeException e) {
            changes.release();
            throw e;
        }
        return changes;
    }

    /**
     * Undoes what a dead recorder left, if there is anything. Changes nothing otherwise.
     *
     * @return one line for people for each thing done; empty when there was nothing to do, or its owner lives
     */
    static List<String> undoLeft(Kernel kernel, Path sys, Path run, LongSupplier clock) throws IOException {
        List<String> told = new ArrayList<>();
        if (kernel.has(run.resolve(JOURNAL))) {
            Closeable lock = lock(kernel, run);
            if (lock != null) {
                Changes changes = new Changes(kernel, sys, run, clock, lock);
                try {
                    changes.undoDead(told);
                } finally {
                    changes.release();
                }
            }
        }
        return told;
    }

    /**
     * What a dead recorder left and nobody has undone yet; only looks.
     *
     * @return one line for people for each thing; empty if there is none, or its owner lives
     */
    static List<String> left(Kernel kernel, Path sys, Path run) throws IOException {
        List<String> told = new ArrayList<>();
        if (!kernel.has(run.resolve(JOURNAL))) {
            return told;
        }
        Closeable lock = lock(kernel, run);
        if (lock == null) {
            return told;
        }
        try {
            List<ChangeLine> journal = ChangeLine.parse(kernel.read(run.resolve(JOURNAL)));
            if (journal.isEmpty() || !journal.get(0).path().equals(bootId(kernel))) {
                return told;
            }
            for (ChangeLine line : journal) {
                if (line.kind().equals(ChangeLine.SUSPEND)
                        && kernel.value(sys.resolve("module/" + line.path() + "/parameters/enabled"))
                                .equals("N")) {
                    told.add(line.path() + ", which it suspended, is still off");
                }
            }
            if (journal.stream().anyMatch(line -> line.kind().equals(ChangeLine.SET))) {
                for (Path kdamond : kernel.numbered(DamonUsers.kdamonds(sys))) {
                    boolean on = kernel.value(kdamond.resolve("state")).equals("on");
                    told.add("kdamond " + kdamond.getFileName() + " is set up"
                            + (on ? " and runs (thread " + kernel.value(kdamond.resolve("pid")) + ")" : ""));
                }
            }
        } finally {
            lock.close();
        }
        return told;
    }

    private static Closeable lock(Kernel kernel, Path run) throws IOException {
        try {
            return kernel.lock(run.resolve("lock"));
        } catch (KernelException e) {
            if (e.isForbidden()) {
                throw new DamonUnavailableException(e.getMessage() + ": setting up DAMON needs root", e);
            }
            throw e;
        }
    }

    private static String owner(Kernel kernel, Path run) {
        List<ChangeLine> left = ChangeLine.parse(kernel.text(run.resolve(JOURNAL)));
        return left.isEmpty() ? "unknown" : left.get(0).value();
    }

    private static String bootId(Kernel kernel) throws IOException {
        return kernel.read(Path.of("/proc/sys/kernel/random/boot_id")).trim();
    }

    /** Stops a module's own monitoring until everything is undone. */
    void suspend(String module) throws IOException {
        append(new ChangeLine(ChangeLine.SUSPEND, module, ""));
        kernel.write(enabled(module), "N");
    }

    /** Keeps the whole tree of kdamonds, so that setting up another number of them loses nothing. */
    void keepKdamonds() throws IOException {
        Path kdamonds = DamonUsers.kdamonds(sys);
        List<ChangeLine> kept = new ArrayList<>();
        keep(kdamonds, kept);
        for (ChangeLine line : kept) {
            append(line);
        }
    }

    /** Values in an order in which they can be written: a directory's counts make its numbered entries. */
    private void keep(Path directory, List<ChangeLine> kept) throws IOException {
        List<String> names = new ArrayList<>(kernel.list(directory));
        names.sort(
                (a, b) -> a.startsWith("nr_") == b.startsWith("nr_") ? a.compareTo(b) : a.startsWith("nr_") ? -1 : 1);
        for (String name : names) {
            Path path = directory.resolve(name);
            if (ChangeLine.NOT_SET_UP.contains(name)) {
                continue;
            }
            try {
                kept.add(new ChangeLine(
                        ChangeLine.WAS, relative(path), kernel.read(path).trim()));
            } catch (KernelException e) {
                if (e.errno() == Libc.EISDIR) {
                    keep(path, kept);
                } else if (!e.isForbidden() && e.errno() != Libc.EINVAL && e.errno() != Libc.EIO) {
                    throw e;
                }
            }
        }
    }

    /** Writes a value under {@code /sys}. */
    void set(Path path, String value) throws IOException {
        append(new ChangeLine(ChangeLine.SET, relative(path), value));
        kernel.writePatiently(path, value);
    }

    /** Starts a kdamond that has been set up, and notes which thread it is. */
    void start(Path kdamond) throws IOException {
        set(kdamond.resolve("state"), "on");
        append(new ChangeLine(ChangeLine.RUNS, relative(kdamond), thread(kdamond)));
    }

    /** Changes a kdamond that {@link #start} has started: undoing that undoes this. */
    void change(Path path, String value) throws IOException {
        kernel.writePatiently(path, value);
    }

    /** Thread id and start time, so that another kdamond with the same id is not taken for it. */
    private String thread(Path kdamond) throws IOException {
        String text = kernel.value(kdamond.resolve("pid"));
        long pid = text.matches("\\d{1,10}") ? Long.parseLong(text) : -1;
        return pid < 0 ? "none" : pid + " " + TraceInstance.startOf(pid);
    }

    private String relative(Path path) {
        return sys.relativize(path).toString();
    }

    private Path enabled(String module) {
        return sys.resolve("module/" + module + "/parameters/enabled");
    }

    private void append(ChangeLine line) throws IOException {
        kernel.append(run.resolve(JOURNAL), line.text());
        lines.add(line);
    }

    /** Puts everything back and forgets the journal. Without effect when done before. */
    void undo() throws IOException {
        if (!done) {
            done = true;
            try {
                undo(lines, new ArrayList<>());
                kernel.remove(run.resolve(JOURNAL));
            } finally {
                release();
            }
        }
    }

    @Override
    public void close() throws IOException {
        undo();
    }

    private void release() {
        try {
            lock.close();
        } catch (IOException e) {
            throw new IllegalStateException("closing a lock does not fail", e);
        }
    }

    private void undoDead(List<String> told) throws IOException {
        Path journal = run.resolve(JOURNAL);
        String text;
        try {
            text = kernel.read(journal);
        } catch (KernelException e) {
            if (e.isAbsent()) {
                return;
            }
            throw e;
        }
        List<ChangeLine> left = ChangeLine.parse(text);
        if (!left.isEmpty() && left.get(0).path().equals(bootId(kernel))) {
            undo(left, told);
        }
        kernel.remove(journal);
    }

    private void undo(List<ChangeLine> journal, List<String> told) throws IOException {
        Map<String, String> set = new LinkedHashMap<>();
        ChangeLine runs = null;
        String last = null;
        for (ChangeLine line : journal) {
            if (line.kind().equals(ChangeLine.SET)) {
                set.put(line.path(), line.value());
                last = line.path();
            } else if (line.kind().equals(ChangeLine.RUNS)) {
                runs = line;
                last = null;
            }
        }
        if (!set.isEmpty()) {
            if (isAsLeft(set, runs, last)) {
                stopAll();
                for (ChangeLine line : journal) {
                    if (line.kind().equals(ChangeLine.WAS)) {
                        putBack(line);
                    }
                }
                told.add("undid the DAMON set-up of a recording that was killed");
            } else {
                told.add("left DAMON unchanged: its state is no longer that of the killed recording");
            }
        }
        for (ChangeLine line : journal) {
            Path enabled = enabled(line.path());
            if (line.kind().equals(ChangeLine.SUSPEND) && kernel.value(enabled).equals("N")) {
                kernel.write(enabled, "Y");
                told.add("re-enabled " + line.path() + ", which a killed recording had suspended");
            }
        }
    }

    /**
     * Whether DAMON is still as these changes left it.
     *
     * @param last the last value to be written, which may not have been; null if all were
     */
    private boolean isAsLeft(Map<String, String> set, ChangeLine runs, String last) throws IOException {
        boolean started = set.keySet().stream().anyMatch(p -> p.endsWith("/state"));
        for (Path kdamond : kernel.numbered(DamonUsers.kdamonds(sys))) {
            boolean on = kernel.value(kdamond.resolve("state")).equals("on");
            boolean other = runs != null
                    && runs.path().equals(relative(kdamond))
                    && !runs.value().equals(thread(kdamond));
            if (on && (!started || other)) {
                return false;
            }
        }
        for (Map.Entry<String, String> e : set.entrySet()) {
            String path = e.getKey();
            // The kernel tunes intervals; targets come and go while recording.
            boolean changes = path.endsWith("/state")
                    || path.contains("/monitoring_attrs/intervals/")
                    || runs != null && path.contains("/targets/");
            // A file that is not there is a setting that this kernel does not have.
            if (!changes
                    && !path.equals(last)
                    && !kernel.value(sys.resolve(path)).equals(e.getValue())
                    && kernel.has(sys.resolve(path))) {
                return false;
            }
        }
        return true;
    }

    /** Stops the kdamonds, which are ours. One whose targets have ended stops by itself and refuses to be told. */
    private void stopAll() throws IOException {
        for (Path kdamond : kernel.numbered(DamonUsers.kdamonds(sys))) {
            Path state = kdamond.resolve("state");
            long untilNs = clock.getAsLong() + STOP_NS;
            while (kernel.value(state).equals("on")) {
                try {
                    kernel.write(state, "off");
                } catch (KernelException e) {
                    if (clock.getAsLong() - untilNs > 0) {
                        throw e;
                    }
                    LockSupport.parkNanos(PAUSE_NS);
                }
            }
        }
    }

    private void putBack(ChangeLine line) throws IOException {
        Path path = sys.resolve(line.path());
        if (!kernel.text(path).equals(line.value())) {
            try {
                kernel.writePatiently(path, line.value());
            } catch (KernelException e) {
                if (!e.isForbidden() && e.errno() != Libc.EIO) { // what only the kernel writes has been kept too
                    throw e;
                }
            }
        }
    }
}
