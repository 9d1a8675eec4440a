package org.damson.exchange;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
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
    private static final String PERF_MAGIC = "PERFILE2";
    private static final String PERF_MAGIC_SWAPPED = "2ELIFREP";

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
        try (InputStream in = Files.newInputStream(file)) {
            return importStream(file.toString(), in, file, options, SideFiles.beside(file), sinks);
        }
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
                return new PerfDataImporter(input, parts, trace).read();
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
        if (head.length > 2 && (head[0] & 0xff) == 0x1f && (head[1] & 0xff) == 0x8b) {
            input = new BufferedInputStream(BoundedInflater.gzip(name, input), 1 << 16);
            return importPlain(name, peek(input), input, null, options, sideFiles, sinks);
        }
        return importPlain(name, head, input, file, options, sideFiles, sinks);
    }

    /**
     * Imports what is not packed.
     *
     * @param file where it can be read at any place, null if it comes as a stream
     */
    private static ImportReport importPlain(
            String name,
            byte[] head,
            InputStream in,
            Path file,
            ImportOptions options,
            SideFiles sideFiles,
            SinkFactory sinks)
            throws IOException {
        String start = new String(head, 0, Math.min(head.length, 16), StandardCharsets.ISO_8859_1);
        if (start.startsWith(PERF_MAGIC) || start.startsWith(PERF_MAGIC_SWAPPED)) {
            try (BinaryInput input = BinaryInput.of(name, in, file);
                    TraceBuilder trace = new TraceBuilder(name, Source.PERF_DATA, options, sideFiles, sinks)) {
                return new PerfDataImporter(input, List.of(), trace).read();
            }
        }
        if (start.startsWith("\u0017\u0008Dtracing")) {
            try (BinaryInput input = BinaryInput.of(name, in, file);
                    TraceBuilder trace = new TraceBuilder(name, Source.TRACE_DAT, options, sideFiles, sinks)) {
                return new TraceDatImporter(input, trace).read();
            }
        }
        if (DamoBinaryImporter.isRecord(head)) {
            try (BinaryInput input = BinaryInput.of(name, in, file);
                    TraceBuilder trace = new TraceBuilder(name, Source.DAMO_BINARY, options, sideFiles, sinks)) {
                return new DamoBinaryImporter(input, trace).read(head);
            }
        }
        boolean zlib = head.length > 1
                && head[0] == 0x78
                && (((head[0] & 0xff) << 8) + (head[1] & 0xff)) % 31 == 0
                && (head[1] & 0x20) == 0;
        boolean envelope = start.stripLeading().startsWith("{")
                && new String(head, StandardCharsets.ISO_8859_1).contains("\"damo_record");
        boolean json = envelope
                || start.stripLeading().startsWith("[") && !start.stripLeading().startsWith("[0");
        if (zlib || json) {
            try (TraceBuilder trace = new TraceBuilder(name, Source.DAMO, options, sideFiles, sinks);
                    InputStream plain = zlib ? BoundedInflater.zlib(name, in) : in) {
                if (!zlib) {
                    trace.damo("does not take this for JSON where the 'file' command is 5.44 or newer");
                }
                return new DamoImporter(name, trace).read(plain);
            }
        }
        for (byte b : head) {
            if (b >= 0 && b < 9) {
                throw new TraceFormatException(name, "", "binary data of no known format");
            }
        }
        try (TraceBuilder trace = new TraceBuilder(name, Source.TEXT, options, sideFiles, sinks)) {
            return new TextImporter(trace).read(name, in);
        }
    }

    private static byte[] peek(BufferedInputStream in) throws IOException {
        in.mark(SNIFF_BYTES + 1);
        byte[] head = in.readNBytes(SNIFF_BYTES);
        in.reset();
        return head;
    }
}
