package org.damson.symbols;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import org.damson.symbols.elf.Wire.Named;

/**
 * Functions of code that a program made itself, by the map that its compiler left in {@code /tmp/perf-PID.map}: lines of a begin, a
 * size and a name. The file does not tell which process of that number it is of, so what may be another's is not taken.
 */
final class PerfMaps {
    private static final Path DIRECTORY = Path.of("/tmp");

    /** A process that ends writes its map last. */
    private static final long SLACK_NS = 10_000_000_000L;

    /** @param why names are missing, or how sure they are; empty if there is nothing to say */
    record Found(Map<Long, List<Named>> names, String from, String why) {}

    private final SymbolOptions options;
    private final Origin origin;

    PerfMaps(SymbolOptions options, Origin origin) {
        this.options = options;
        this.origin = origin;
    }

    /** Looks addresses of a process up. */
    Found of(int pid, long[] addresses) throws IOException {
        Path own = options.perfMaps() == null && options.root() == null ? ownMap(pid) : null;
        if (own != null) {
            return read(own, addresses);
        }
        Path dir = options.perfMaps() != null
                ? options.perfMaps()
                : options.root() != null ? options.root().resolve("tmp") : DIRECTORY;
        Path file = dir.resolve("perf-" + pid + ".map");
        if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
            return new Found(Map.of(), "", "there is no " + file);
        }
        String why = dir.equals(DIRECTORY) && options.perfMaps() == null ? whyNot(file, pid) : "";
        if (!why.isEmpty()) {
            return new Found(Map.of(), "", file + " is not taken: " + why + "; --perf-maps " + dir + " takes it");
        }
        return read(file, addresses);
    }

    /**
     * The map that a recorded process sees as its own, if it is still there and sees other files, or other numbers of processes, than
     * this one does; null if there is none.
     */
    private Path ownMap(int pid) throws IOException {
        if (!origin.isHere() || !origin.isAlive(pid)) {
            return null;
        }
        int number = ThisMachine.ownPid(pid);
        Path process = Path.of("/proc/" + pid);
        boolean isElsewhere = number != pid || ThisMachine.otherRoot(pid, new HashSet<>()) != null;
        Path file = process.resolve("root/tmp/perf-" + number + ".map");
        if (number < 0 || !isElsewhere || !Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
            return null;
        }
        return owner(file) == owner(process) ? file : null;
    }

    private static int owner(Path file) throws IOException {
        return (Integer) Files.getAttribute(file, "unix:uid", LinkOption.NOFOLLOW_LINKS);
    }

    private String whyNot(Path file, int pid) throws IOException {
        if (origin.isElsewhere()) {
            return "another machine, or another kernel, was recorded";
        }
        int owner = owner(file);
        int self = (Integer) Files.getAttribute(Path.of("/proc/self"), "unix:uid");
        if (owner != 0 && owner != self) {
            return "it is another user's";
        }
        long[] boot = origin.bootSpan(pid);
        long startNs = ThisMachine.processStartNs(pid);
        if (boot != null && startNs > boot[1]) {
            return "process " + pid + " is another one now";
        }
        long[] epoch = origin.epochSpan(pid);
        long writtenNs = ((FileTime) Files.getAttribute(file, "lastModifiedTime")).toMillis() * 1_000_000;
        if (epoch == null || startNs >= 0 && boot != null) {
            // It is the process that was recorded, or nothing tells.
            return "";
        }
        if (writtenNs < epoch[0]) {
            return "it is older than the recording";
        }
        return writtenNs > epoch[1] + SLACK_NS ? "the process has ended, and it was written after its last sample" : "";
    }

    private static Found read(Path file, long[] addresses) throws IOException {
        long[] sorted = Arrays.stream(addresses).sorted().distinct().toArray();
        String[] names = new String[sorted.length];
        long[] begins = new long[sorted.length];
        long malformed = 0;
        boolean isCut;
        try (SymbolLines lines = new SymbolLines(Files.newInputStream(file, LinkOption.NOFOLLOW_LINKS))) {
            for (String line; (line = lines.next()) != null; ) {
                int first = line.indexOf(' ');
                int second = line.indexOf(' ', first + 1);
                long begin = SymbolLines.hex(line, 0, first);
                long bytes = second < 0 ? -1 : SymbolLines.hex(line, first + 1, second);
                if (begin < 0 || bytes < 0 || line.length() == second + 1) {
                    malformed += line.isEmpty() ? 0 : 1;
                    continue;
                }
                // Code that took the place of other code stands further down.
                int at = Arrays.binarySearch(sorted, begin);
                for (int i = at < 0 ? -at - 1 : at; i < sorted.length && sorted[i] - begin < bytes; i++) {
                    names[i] = line.substring(second + 1);
                    begins[i] = begin;
                }
            }
            isCut = lines.isCutShort();
        }
        Map<Long, List<Named>> found = new HashMap<>();
        for (int i = 0; i < sorted.length; i++) {
            if (names[i] != null) {
                found.put(sorted[i], List.of(new Named(names[i], sorted[i] - begins[i], "", false)));
            }
        }
        String why = malformed > 0 ? malformed + " lines of " + file + " are no symbols" : "";
        return new Found(found, file.toString(), isCut ? file + " is longer than is read of any" : why);
    }
}
