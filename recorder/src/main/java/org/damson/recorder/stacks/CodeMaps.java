package org.damson.recorder.stacks;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.damson.exchange.perf.LiveStacks;
import org.damson.model.text.MapsLine;
import org.damson.recorder.system.Proc;

/** Tells what was mapped before it was recorded: the code of processes, and of the kernel. */
final class CodeMaps {
    private CodeMaps() {}

    /**
     * Tells the code that a process has mapped.
     *
     * @param timeNs as of when; 0 before everything else
     */
    static void process(long pid, long timeNs, BuildIds buildIds, LiveStacks to) throws IOException {
        for (String line : Proc.text(Path.of("/proc/" + pid + "/maps")).split("\n")) {
            MapsLine m = MapsLine.of(line);
            if (m != null && m.isExecutable()) {
                to.mapped(timeNs, (int) pid, m.start(), m.end(), m.offset(), m.name(), buildIds.of(pid, m));
            }
        }
    }

    /** Tells where the kernel and its modules are, as far as this user is told. */
    static void kernel(LiveStacks to) throws IOException {
        to.kernel(text());
        for (String line : Proc.text(Path.of("/proc/modules")).split("\n")) {
            String[] f = line.split("\\s+"); // name, bytes, uses, users, state, address
            if (f.length >= 6 && f[5].startsWith("0x")) {
                long start = Long.parseUnsignedLong(f[5].substring(2), 16);
                if (start != 0) {
                    to.kernelModule(f[0], start, Long.parseLong(f[1]), BuildIds.ofKernelModule(f[0]));
                }
            }
        }
    }

    /** Address of {@code _text}, 0 if this user may not see it. */
    private static long text() {
        try (BufferedReader symbols = Files.newBufferedReader(Path.of("/proc/kallsyms"), StandardCharsets.ISO_8859_1)) {
            for (String line = symbols.readLine(); line != null; line = symbols.readLine()) {
                if (line.endsWith(" _text")) {
                    return Long.parseUnsignedLong(line.substring(0, line.indexOf(' ')), 16);
                }
            }
        } catch (IOException | NumberFormatException notTold) {
            return 0;
        }
        return 0;
    }
}
