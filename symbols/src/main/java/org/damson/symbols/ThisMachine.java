package org.damson.symbols;

import java.io.Closeable;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.damson.model.text.MapsLine;
import org.damson.model.text.NativeText;
import org.damson.trace.files.PrivateDirectory;

/** Code of this machine that is in no file: its kernel, and what the kernel maps into every process. */
final class ThisMachine implements Closeable {
    private static final int MAX_VDSO_BYTES = 1 << 20;
    private static final int NOTE_BUILD_ID = 3;

    /** Of {@code /proc/PID/stat}: the kernel gives times to programs in hundredths of a second. */
    private static final long TICK_NS = 10_000_000;

    private static final int START_FIELD = 22;

    private PrivateDirectory directory;
    private Path vdso;
    private boolean isVdsoKnown;

    /** Build id of the running kernel in hexadecimal; empty if it does not say. */
    static String kernelBuildId() {
        return buildIdIn(Path.of("/sys/kernel/notes"));
    }

    /** Build id of a module that the kernel has loaded; empty if it does not say. */
    static String moduleBuildId(String module) {
        return buildIdIn(Path.of("/sys/module", module, "notes/.note.gnu.build-id"));
    }

    private static String buildIdIn(Path file) {
        try {
            ByteBuffer notes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.nativeOrder());
            while (notes.remaining() >= 12) {
                int nameBytes = notes.getInt();
                int bytes = notes.getInt();
                int type = notes.getInt();
                int name = notes.position();
                int at = name + (nameBytes + 3) / 4 * 4;
                byte[] content = new byte[bytes];
                notes.position(at).get(content).position(at + (bytes + 3) / 4 * 4);
                if (type == NOTE_BUILD_ID && notes.get(name) == 'G' && notes.get(name + 1) == 'N') {
                    return HexFormat.of().formatHex(content);
                }
            }
        } catch (IOException | RuntimeException e) {
            // then nobody knows
        }
        return "";
    }

    /** When a process began, ns since boot; -1 if it is not there. */
    static long processStartNs(int pid) {
        try {
            String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
            String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
            return Long.parseLong(fields[START_FIELD - 3]) * TICK_NS;
        } catch (IOException | RuntimeException e) {
            return -1;
        }
    }

    /**
     * The directory below which a process has its files; null if that is the root of this one too, or if this user is not told.
     *
     * @param seen mount namespaces whose directory is known already; that of the process is added
     */
    static Path otherRoot(int pid, Set<Path> seen) {
        try {
            Path own = Files.readSymbolicLink(Path.of("/proc/self/ns/mnt"));
            Path its = Files.readSymbolicLink(Path.of("/proc/" + pid + "/ns/mnt"));
            return its.equals(own) || !seen.add(its) ? null : Path.of("/proc/" + pid + "/root");
        } catch (IOException e) {
            return null;
        }
    }

    /**
     * Where the code can still be read that a process has mapped of files which were deleted or replaced since, by the names of these; of
     * libraries only by who may see {@code map_files}.
     */
    static Map<String, List<Path>> deletedFiles(int pid) {
        Map<String, List<Path>> files = new HashMap<>();
        Path process = Path.of("/proc/" + pid);
        try {
            String program = NativeText.readable(NativeText.of(Files.readSymbolicLink(process.resolve("exe"))));
            byte[] maps = Files.readAllBytes(process.resolve("maps"));
            for (String line : NativeText.readable(NativeText.decode(maps)).split("\n")) {
                MapsLine m = MapsLine.of(line);
                if (m != null && m.isExecutable() && m.name().endsWith(ModuleFiles.DELETED)) {
                    String range = Long.toHexString(m.start()) + "-" + Long.toHexString(m.end());
                    files.computeIfAbsent(ModuleFiles.withoutDeleted(m.name()), n -> new ArrayList<>())
                            .add(process.resolve(m.name().equals(program) ? "exe" : "map_files/" + range));
                }
            }
        } catch (IOException e) {
            // it has ended, or is another user's
        }
        return files;
    }

    /** The number that a process knows itself by, in its own namespace; -1 if that is not known. */
    static int ownPid(int pid) {
        try (Stream<String> lines = Files.lines(Path.of("/proc/" + pid + "/status"), StandardCharsets.ISO_8859_1)) {
            String numbers =
                    lines.filter(l -> l.startsWith("NSpid:")).findFirst().orElse("");
            return Integer.parseInt(
                    numbers.substring(numbers.lastIndexOf('\t') + 1).strip());
        } catch (IOException | UncheckedIOException | NumberFormatException e) {
            return -1;
        }
    }

    /** A copy of the vdso of this kernel; null if there is none. */
    Path vdso() throws IOException {
        if (!isVdsoKnown) {
            isVdsoKnown = true;
            for (String line : Files.readAllLines(Path.of("/proc/self/maps"))) {
                MapsLine m = MapsLine.of(line);
                if (m != null && m.name().equals(Code.VDSO)) {
                    copy(m.start(), m.end());
                }
            }
        }
        return vdso;
    }

    private void copy(long start, long end) throws IOException {
        if (end - start <= 0 || end - start > MAX_VDSO_BYTES) {
            return;
        }
        byte[] bytes = new byte[(int) (end - start)];
        try (RandomAccessFile memory = new RandomAccessFile("/proc/self/mem", "r")) {
            memory.seek(start);
            memory.readFully(bytes);
        }
        directory = PrivateDirectory.create("damson-vdso-");
        vdso = directory.resolve("vdso.so");
        // Where a signal ends the program nobody closes this.
        directory.path().toFile().deleteOnExit();
        vdso.toFile().deleteOnExit();
        Files.write(vdso, bytes);
    }

    @Override
    public void close() throws IOException {
        if (directory != null) {
            directory.close();
        }
    }
}
