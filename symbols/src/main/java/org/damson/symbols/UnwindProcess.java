package org.damson.symbols;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.Closeable;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.damson.exchange.build.StackUnwinder.Copy;
import org.damson.model.MissingCapabilityException;
import org.damson.symbols.elf.CallerRule;
import org.damson.symbols.elf.StackReader;
import org.damson.symbols.elf.UnwindWire;
import org.damson.symbols.elf.UnwindWire.CodeFile;
import org.damson.symbols.elf.UnwindWire.Frames;
import org.damson.symbols.elf.UnwindWire.Placed;
import org.damson.symbols.elf.UnwindWire.Used;
import org.damson.symbols.elf.Wire;

/** A process of {@link StackReader}. It is ended where it takes too long to answer; whatever goes wrong with it is an IOException. */
final class UnwindProcess implements Closeable {
    private static final long WATCH_MILLIS = 200;
    private static final long NEVER = Long.MAX_VALUE;

    /** Less than the process may use. */
    private static final long MAX_CPU_NS = 200_000_000_000L;

    private final Process process;
    private final DataOutputStream out;
    private final DataInputStream in;
    private final long answerNs;
    /** When to look next at what it has used. */
    private long lookNs = System.nanoTime() + MAX_CPU_NS / 2;

    private final Thread watch;
    private volatile long untilNs = NEVER;

    /** @param answerNs how long one answer may take */
    UnwindProcess(byte[] debugPath, List<CodeFile> files, long answerNs) throws IOException {
        this.answerNs = answerNs;
        process = ElfProcess.start(StackReader.class);
        out = new DataOutputStream(new BufferedOutputStream(process.getOutputStream(), 1 << 16));
        in = new DataInputStream(new BufferedInputStream(process.getInputStream()));
        watch = new Thread(this::watch, "damson-unwind-watch");
        watch.setDaemon(true);
        watch.start();
        try {
            UnwindWire.begin(out, debugPath, files);
        } catch (IOException e) {
            close();
            throw ended(e);
        }
    }

    private void watch() {
        try {
            while (process.isAlive()) {
                Thread.sleep(Math.min(WATCH_MILLIS, Math.max(1, answerNs / 1_000_000)));
                long until = untilNs;
                if (until != NEVER && System.nanoTime() - until > 0) {
                    process.destroyForcibly();
                }
            }
        } catch (InterruptedException e) {
            // it is over
        }
    }

    /** CPU time it has used, ns; 0 if that is not known. */
    long cpuNs() {
        return process.info().totalCpuDuration().map(Duration::toNanos).orElse(0L);
    }

    /** Whether it has used nearly as much CPU time as it may. */
    boolean isWorn() {
        long nowNs = System.nanoTime();
        if (nowNs - lookNs < 0) {
            return false;
        }
        long leftNs = MAX_CPU_NS - cpuNs();
        lookNs = nowNs + leftNs / 2;
        return leftNs <= 0;
    }

    /** What becomes of mapped files, which it may not survive: each is told as soon as it is known. */
    interface Taker {
        void take(int index, Used used);
    }

    void space(int number, List<Placed> modules, Taker taker) throws IOException {
        try {
            untilNs = System.nanoTime() + answerNs;
            UnwindWire.space(out, number, modules);
            for (int i = 0; i < modules.size(); i++) {
                untilNs = System.nanoTime() + answerNs;
                taker.take(i, UnwindWire.used(in));
            }
        } catch (IOException e) {
            throw ended(e);
        } finally {
            untilNs = NEVER;
        }
    }

    CallerRule rule(int number, long address) throws IOException {
        try {
            untilNs = System.nanoTime() + answerNs;
            UnwindWire.rule(out, number, address);
            return UnwindWire.rule(in);
        } catch (IOException e) {
            throw ended(e);
        } finally {
            untilNs = NEVER;
        }
    }

    Frames walk(int number, Copy copy) throws IOException {
        try {
            untilNs = System.nanoTime() + answerNs;
            UnwindWire.walk(out, number, copy.mask(), copy.registers(), copy.stack());
            return UnwindWire.frames(in);
        } catch (IOException e) {
            throw ended(e);
        } finally {
            untilNs = NEVER;
        }
    }

    /**
     * Why it does not answer.
     *
     * @throws MissingCapabilityException if that is because libdw is not installed
     */
    private IOException ended(IOException why) throws IOException {
        try {
            // One that says what it cannot say goes on.
            if (!process.waitFor(WATCH_MILLIS, TimeUnit.MILLISECONDS)) {
                process.destroyForcibly().waitFor();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException();
        }
        if (process.exitValue() == Wire.NO_LIBRARY) {
            throw new MissingCapabilityException(ElfProcess.MISSING);
        }
        return why;
    }

    @Override
    public void close() {
        watch.interrupt();
        process.destroyForcibly();
    }
}
