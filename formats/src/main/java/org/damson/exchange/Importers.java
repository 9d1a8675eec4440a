package org.damson.exchange;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPInputStream;
import org.damson.model.TraceFormatException;

/** Recognises a recording by its first bytes, never by its name, and reads it into a trace. */
public final class Importers {
    private static final int SNIFF_BYTES = 4096;

    private Importers() {}

    /**
     * Imports a file.
     *
     * @throws TraceFormatException if it is of no known format or damaged
     */
    public static ImportReport importFile(Path file, ImportOptions options, SinkFactory sinks) throws IOException {
        if (Files.isDirectory(file)) {
            throw new TraceFormatException(file.toString(), "", "a directory, not a recording");
        }
        try (InputStream in = Files.newInputStream(file)) {
            return importStream(file.toString(), in, file, options, SideFiles.beside(file), sinks);
        }
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
            try {
                input = new BufferedInputStream(new GZIPInputStream(input, 1 << 16), 1 << 16);
                head = peek(input);
                return importPlain(name, head, input, null, options, sideFiles, sinks);
            } catch (java.util.zip.ZipException | java.io.EOFException e) {
                throw new TraceFormatException(name, "", "damaged gzip: " + e.getMessage(), e);
            }
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
        if (start.startsWith("PERFILE2") || start.startsWith("2ELIFREP")) {
            try (BinaryInput input = BinaryInput.of(name, in, file);
                    TraceBuilder trace = new TraceBuilder(name, "import:perf.data", options, sideFiles, sinks)) {
                return new PerfDataImporter(input, trace).read();
            }
        }
        if (start.startsWith("\u0017\u0008Dtracing")) {
            try (BinaryInput input = BinaryInput.of(name, in, file);
                    TraceBuilder trace = new TraceBuilder(name, "import:trace.dat", options, sideFiles, sinks)) {
                return new TraceDatImporter(input, trace).read();
            }
        }
        if (DamoBinaryImporter.isRecord(head)) {
            try (BinaryInput input = BinaryInput.of(name, in, file);
                    TraceBuilder trace = new TraceBuilder(name, "import:damo-binary", options, sideFiles, sinks)) {
                return new DamoBinaryImporter(input, trace).read(head);
            }
        }
        boolean zlib = head.length > 1
                && head[0] == 0x78
                && (((head[0] & 0xff) << 8) + (head[1] & 0xff)) % 31 == 0
                && (head[1] & 0x20) == 0;
        boolean json =
                start.stripLeading().startsWith("[") && !start.stripLeading().startsWith("[0");
        if (zlib || json) {
            try (TraceBuilder trace = new TraceBuilder(name, "import:damo", options, sideFiles, sinks);
                    InputStream plain = zlib ? new BoundedInflater(name, in) : in) {
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
        try (TraceBuilder trace = new TraceBuilder(name, "import:text", options, sideFiles, sinks)) {
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
