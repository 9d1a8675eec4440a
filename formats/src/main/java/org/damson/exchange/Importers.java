package org.damson.exchange;

import java.io.BufferedInputStream;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.damson.exchange.build.BinaryInput;
import org.damson.exchange.build.ImportOptions;
import org.damson.exchange.build.ImportReport;
import org.damson.exchange.build.SideFiles;
import org.damson.exchange.build.SinkFactory;
import org.damson.exchange.build.TraceBuilder;
import org.damson.exchange.damo.DamoBinaryImporter;
import org.damson.exchange.damo.DamoImporter;
import org.damson.exchange.perf.PerfDataImporter;
import org.damson.exchange.perf.TraceDatImporter;
import org.damson.exchange.text.TextImporter;
import org.damson.model.Manifest.Source;
import org.damson.model.TraceFormatException;

/** Recognises a recording by its first bytes, never by its name, and reads it into a trace. */
public final class Importers {
    private static final int SNIFF_BYTES = 4096;

    // Of the mode of a file.
    private static final int FILE_TYPE = 0170000;
    private static final int PIPE = 0010000;
    private static final String PERF_MAGIC = "PERFILE2";
    private static final String PERF_MAGIC_SWAPPED = "2ELIFREP";

    /** Of an object, such as one around damo's records: see {@link DamoImporter}. */
    private static final Pattern OBJECT = Pattern.compile("\\{\\s*\"");

    /** Of records; a line of the kernel's log begins with a bracket too. */
    private static final Pattern ARRAY = Pattern.compile("\\[\\s*(?:[{\\[\\]\"]|\\z)");

    /** Files of a directory that are read side by side: perf writes one for each processor. */
    private static final int MAX_PARTS = 1024;

    private Importers() {}

    /**
     * Imports a file.
     *
     * @throws TraceFormatException if it is of no known format or damaged
     */
    public static ImportReport importFile(Path file, ImportOptions options, SinkFactory sinks) throws IOException {
        if (Files.isDirectory(file)) {
            return importDirectory(file, options, sinks);
        }
        // A stream of a channel asks a pipe for its position, which it has not.
        try (InputStream in = isPipe(file) ? new FileInputStream(file.toFile()) : Files.newInputStream(file)) {
            return importStream(file.toString(), in, file, options, SideFiles.beside(file), sinks);
        }
    }

    private static boolean isPipe(Path file) throws IOException {
        return Files.exists(file) && ((Integer) Files.getAttribute(file, "unix:mode") & FILE_TYPE) == PIPE;
    }

    /** What {@code perf record --threads} or {@code --kcore} leaves: a perf.data named data, beside data.0, data.1, ... */
    private static ImportReport importDirectory(Path dir, ImportOptions options, SinkFactory sinks) throws IOException {
        String name = dir.toString();
        Path whole = dir.resolve("data");
        if (!Files.isRegularFile(whole)) {
            throw new TraceFormatException(name, "", "a directory, not a recording");
        }
        List<BinaryInput> parts = new ArrayList<>();
        try (InputStream in = Files.newInputStream(whole)) {
            String start = new String(in.readNBytes(PERF_MAGIC.length()), StandardCharsets.ISO_8859_1);
            if (!start.equals(PERF_MAGIC) && !start.equals(PERF_MAGIC_SWAPPED)) {
                throw new TraceFormatException(
                        whole.toString(), "", "not a perf.data: its directory is not a recording");
            }
            for (Path part : parts(dir)) {
                parts.add(BinaryInput.of(part.toString(), null, part));
            }
            try (BinaryInput input = BinaryInput.of(whole.toString(), in, whole);
                    TraceBuilder trace =
                            new TraceBuilder(name, Source.PERF_DATA, options, SideFiles.beside(dir), sinks)) {
                return new PerfDataImporter(input, parts, trace, options.unwinder()).read();
            }
        } finally {
            for (BinaryInput part : parts) {
                part.close();
            }
        }
    }

    private static List<Path> parts(Path dir) throws IOException {
        int count;
        try (Stream<Path> files = Files.list(dir)) {
            count = (int)
                    files.filter(f -> f.getFileName().toString().matches("data\\.\\d{1,9}") && Files.isRegularFile(f))
                            .limit(MAX_PARTS + 1)
                            .count();
        }
        if (count > MAX_PARTS) {
            throw new TraceFormatException(dir.toString(), "", "more than " + MAX_PARTS + " files of data");
        }
        List<Path> parts = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            parts.add(dir.resolve("data." + i));
            if (!Files.isRegularFile(parts.get(i))) {
                throw new TraceFormatException(dir.toString(), "", "its file data." + i + " is missing");
            }
        }
        return parts;
    }

    /** Imports a stream; the caller closes it. */
    public static ImportReport importStream(String name, InputStream in, ImportOptions options, SinkFactory sinks)
            throws IOException {
        return importStream(name, in, null, options, SideFiles.NONE, sinks);
    }

    private static ImportReport importStream(
            String name, InputStream in, Path file, ImportOptions options, SideFiles sideFiles, SinkFactory sinks)
            throws IOException {
        BufferedInputStream input = new BufferedInputStream(in, 1 << 16);
        byte[] head = peek(input);
        if (head.length == 0) {
            throw new TraceFormatException(name, "", "empty file");
        }
        BoundedInflater inflated = unpacked(name, head, input);
        if (inflated == null) {
            return importPlain(new Recording(name, input, file, () -> null), options, sideFiles, sinks);
        }
        input = new BufferedInputStream(inflated, 1 << 16);
        return importPlain(new Recording(name, input, null, inflated::cutOff), options, sideFiles, sinks);
    }

    /** What is in it, null if it is not packed as a whole. */
    private static BoundedInflater unpacked(String name, byte[] head, InputStream in) throws IOException {
        if (startsWith(head, 0x1f, 0x8b)) {
            return BoundedInflater.gzip(name, in);
        }
        if (startsWith(head, 0x28, 0xb5, 0x2f, 0xfd)) {
            return BoundedInflater.zstd(name, in);
        }
        String other = startsWith(head, 0xfd, '7', 'z', 'X', 'Z')
                ? "xz"
                : startsWith(head, 'B', 'Z', 'h') ? "bzip2" : startsWith(head, 0x04, 0x22, 0x4d, 0x18) ? "lz4" : "";
        if (!other.isEmpty()) {
            throw new TraceFormatException(
                    name,
                    "",
                    "packed with " + other + ": unpack it first, or pipe it in: " + other
                            + " -dc FILE | damson import - -o TRACE");
        }
        return null;
    }

    private static boolean startsWith(byte[] head, int... bytes) {
        for (int i = 0; i < bytes.length; i++) {
            if (i == head.length || (head[i] & 0xff) != bytes[i]) {
                return false;
            }
        }
        return true;
    }

    /**
     * A recording that is not packed as a whole.
     *
     * @param file where it can be read at any place, null if it comes as a stream
     * @param cutOff why what it was packed in ended too early, null if it did not; known at the end of the stream
     */
    private record Recording(String name, BufferedInputStream in, Path file, Supplier<String> cutOff) {
        BinaryInput binary() throws IOException {
            return BinaryInput.of(name, in, file);
        }
    }

    private static ImportReport importPlain(Recording r, ImportOptions options, SideFiles sideFiles, SinkFactory sinks)
            throws IOException {
        byte[] head = peek(r.in());
        String start = new String(head, 0, Math.min(head.length, 16), StandardCharsets.ISO_8859_1);
        if (start.startsWith(PERF_MAGIC) || start.startsWith(PERF_MAGIC_SWAPPED)) {
            try (BinaryInput input = r.binary();
                    TraceBuilder trace = builder(r, Source.PERF_DATA, options, sideFiles, sinks)) {
                return new PerfDataImporter(input, List.of(), trace, options.unwinder()).read();
            }
        }
        if (start.startsWith("\u0017\u0008Dtracing")) {
            try (BinaryInput input = r.binary();
                    TraceBuilder trace = builder(r, Source.TRACE_DAT, options, sideFiles, sinks)) {
                return new TraceDatImporter(input, trace).read();
            }
        }
        if (DamoBinaryImporter.isRecord(head)) {
            try (BinaryInput input = r.binary();
                    TraceBuilder trace = builder(r, Source.DAMO_BINARY, options, sideFiles, sinks)) {
                return new DamoBinaryImporter(input, trace).read(head);
            }
        }
        return importText(r, head, options, sideFiles, sinks);
    }

    private static ImportReport importText(
            Recording r, byte[] packedOrPlain, ImportOptions options, SideFiles sideFiles, SinkFactory sinks)
            throws IOException {
        boolean zlib = packedOrPlain.length > 1
                && packedOrPlain[0] == 0x78
                && (((packedOrPlain[0] & 0xff) << 8) + (packedOrPlain[1] & 0xff)) % 31 == 0
                && (packedOrPlain[1] & 0x20) == 0;
        if (zlib) {
            try (BoundedInflater plain = BoundedInflater.zlib(r.name(), r.in());
                    TraceBuilder trace = builder(r, Source.DAMO, options, sideFiles, sinks)) {
                trace.mayBeCutOff(plain::cutOff);
                return new DamoImporter(r.name(), trace).read(plain);
            }
        }
        byte[] head = packedOrPlain;
        if (startsWith(head, 0xef, 0xbb, 0xbf)) { // UTF-8, says an editor
            r.in().skipNBytes(3);
            head = peek(r.in());
        }
        if (startsWith(head, 0xff, 0xfe) || startsWith(head, 0xfe, 0xff)) {
            throw new TraceFormatException(
                    r.name(), "", "text in UTF-16: convert it first: iconv -f UTF-16 -t UTF-8 FILE");
        }
        String text = new String(head, StandardCharsets.ISO_8859_1).stripLeading();
        if (OBJECT.matcher(text).lookingAt() || ARRAY.matcher(text).lookingAt()) {
            try (TraceBuilder trace = builder(r, Source.DAMO, options, sideFiles, sinks)) {
                trace.damo("does not take this for JSON where the 'file' command is 5.44 or newer");
                return new DamoImporter(r.name(), trace).read(r.in());
            }
        }
        // A text may have zero bytes further on, where a crash left them.
        for (int i = 0; i < head.length && head[i] != '\n'; i++) {
            if (head[i] >= 0 && head[i] < 9) {
                throw new TraceFormatException(r.name(), "", "binary data of no known format");
            }
        }
        try (TraceBuilder trace = builder(r, Source.TEXT, options, sideFiles, sinks)) {
            return new TextImporter(trace).read(r.in());
        }
    }

    private static TraceBuilder builder(
            Recording r, Source source, ImportOptions options, SideFiles sideFiles, SinkFactory sinks)
            throws IOException {
        TraceBuilder trace = new TraceBuilder(r.name(), source, options, sideFiles, sinks);
        trace.mayBeCutOff(r.cutOff());
        return trace;
    }

    private static byte[] peek(BufferedInputStream in) throws IOException {
        in.mark(SNIFF_BYTES + 1);
        byte[] head = in.readNBytes(SNIFF_BYTES);
        in.reset();
        return head;
    }
}
