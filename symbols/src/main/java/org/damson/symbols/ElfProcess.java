package org.damson.symbols;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.File;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.damson.model.MissingCapabilityException;
import org.damson.symbols.elf.ElfReader;
import org.damson.symbols.elf.Wire;
import org.damson.symbols.elf.Wire.Answer;
import org.damson.symbols.elf.Wire.Request;

/** Asks processes of {@link ElfReader}: where one dies, or takes too long, of a file, the next goes on with the others. */
final class ElfProcess {
    /** Result for one file: an answer, or why there is none. */
    record Result(Answer answer, String failure) {}

    /** Files are asked in parts, so that one process has not too many open. */
    private static final int MAX_FILES = 200;

    static final String MISSING = "ELF files are read by elfutils' libdw.so.1, which is not installed;"
            + " for example: sudo apt-get install libdw1 (where there is none: libdw1t64)";

    private final byte[] debugPath;
    private final Duration fileTime;
    private final long untilNs;

    ElfProcess(byte[] debugPath, SymbolOptions options) {
        this.debugPath = debugPath;
        fileTime = options.fileTime();
        untilNs = System.nanoTime() + options.allTime().toNanos();
    }

    /**
     * What is known of each file.
     *
     * @throws MissingCapabilityException if libdw is not installed
     */
    List<Result> ask(List<Request> requests) throws IOException {
        List<Result> results = new ArrayList<>();
        while (results.size() < requests.size()) {
            if (System.nanoTime() >= untilNs) {
                results.add(new Result(null, "looking up names took too long"));
                continue;
            }
            int from = results.size();
            int to = from;
            int files = 0;
            do {
                files += requests.get(to++).files().size();
            } while (to < requests.size() && files + requests.get(to).files().size() <= MAX_FILES);
            ask(requests.subList(from, to), results);
        }
        return results;
    }

    /** Adds what one process answers, and a failure for the file in which it ended if that was before the last. */
    private void ask(List<Request> requests, List<Result> results) throws IOException {
        Process process = start(ElfReader.class);
        AtomicBoolean late = new AtomicBoolean();
        ScheduledExecutorService watch = Executors.newSingleThreadScheduledExecutor(r -> {
            Thread t = new Thread(r, "damson-symbols-watch");
            t.setDaemon(true);
            return t;
        });
        try (DataOutputStream out = new DataOutputStream(new BufferedOutputStream(process.getOutputStream()));
                DataInputStream in = new DataInputStream(new BufferedInputStream(process.getInputStream()))) {
            for (int i = 0; i < requests.size(); i++) {
                long nanos = Math.min(fileTime.toNanos(), Math.max(1, untilNs - System.nanoTime()));
                ScheduledFuture<?> alarm = watch.schedule(
                        () -> {
                            late.set(true);
                            process.destroyForcibly();
                        },
                        nanos,
                        TimeUnit.NANOSECONDS);
                try {
                    if (i == 0) {
                        Wire.ask(out, debugPath, requests);
                    }
                    results.add(new Result(Wire.answer(in, requests.get(i)), ""));
                } catch (IOException e) {
                    results.add(new Result(null, ended(process, late.get())));
                    return;
                } finally {
                    alarm.cancel(false);
                }
            }
        } catch (IOException closing) {
            if (results.isEmpty()) {
                throw closing;
            }
        } finally {
            watch.shutdownNow();
            process.destroyForcibly();
        }
    }

    private String ended(Process process, boolean late) throws IOException {
        process.destroyForcibly();
        int status;
        try {
            status = process.waitFor();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new java.io.InterruptedIOException();
        }
        if (status == Wire.NO_LIBRARY) {
            throw new MissingCapabilityException(MISSING);
        }
        return late
                ? "reading it took more than " + fileTime.toSeconds() + " s, or all files too long"
                : "the process that read it has ended (status " + status + ")";
    }

    /** @param main its main class, of damson */
    static Process start(Class<?> main) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                System.getProperty("java.home") + File.separator + "bin" + File.separator + "java",
                "-Xmx96m",
                "-Xss1m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-XX:ReservedCodeCacheSize=32m",
                "-XX:CompressedClassSpaceSize=32m",
                "-XX:-UsePerfData",
                // Its death is told by who asked; nothing is written.
                "-XX:+SuppressFatalErrorMessage",
                "-XX:-CreateCoredumpOnCrash",
                "-XX:+IgnoreUnrecognizedVMOptions",
                "--enable-native-access=ALL-UNNAMED",
                "-Djava.io.tmpdir=" + System.getProperty("java.io.tmpdir"),
                "-cp",
                System.getProperty("java.class.path"),
                main.getName()));
        ProcessBuilder builder = new ProcessBuilder(command).redirectError(Redirect.DISCARD);
        // What is set for others, such as where to ask for debug files over the network, is not for it.
        builder.environment().clear();
        builder.environment().put("LC_ALL", "C.UTF-8");
        builder.environment().put("MALLOC_ARENA_MAX", "1");
        return builder.start();
    }
}
