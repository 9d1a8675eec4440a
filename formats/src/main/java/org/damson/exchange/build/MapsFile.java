package org.damson.exchange.build;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.damson.model.Mapping;
import org.damson.model.TraceFormatException;
import org.damson.model.text.MapsLine;
import org.damson.model.text.NativeText;

/** A copy of {@code /proc/PID/maps}, or of {@code smaps}, whose other lines are passed by. */
final class MapsFile {
    private static final Pattern SMAPS_FIELD = Pattern.compile("[A-Za-z_]+: .*", Pattern.DOTALL);

    /** The kernel's default limit is 65,530 mappings of a process; some have it raised. */
    private static final int MAX_LINES = 1 << 22;

    private MapsFile() {}

    /**
     * Its mappings.
     *
     * @throws TraceFormatException if a line is malformed, or there is no mapping
     */
    static List<Mapping> read(Path file, long pid) throws IOException {
        List<Mapping> mappings = new ArrayList<>();
        int number = 0;
        // One character is one byte here: names of files may be any bytes.
        try (InputStream in = Files.newInputStream(file)) {
            LineReader lines = new LineReader(in);
            for (String line; (line = lines.next()) != null; ) {
                if (++number > MAX_LINES) {
                    throw new TraceFormatException(file.toString(), "", "larger than any /proc/PID/maps");
                }
                if (lines.wrong() != null) {
                    throw new TraceFormatException(file.toString(), "line " + number, lines.wrong());
                }
                MapsLine m = MapsLine.of(line);
                if (m != null) {
                    mappings.add(mapping(m, pid, file, number));
                } else if (!line.isBlank() && !SMAPS_FIELD.matcher(line).matches()) {
                    throw new TraceFormatException(
                            file.toString(), "line " + number, "not a line of /proc/PID/maps: start-end rwxp ...");
                }
            }
        }
        if (mappings.isEmpty()) {
            throw new TraceFormatException(file.toString(), "", "no mapping: not a copy of /proc/PID/maps");
        }
        return mappings;
    }

    private static Mapping mapping(MapsLine m, long pid, Path file, int number) throws TraceFormatException {
        if (Long.compareUnsigned(m.start(), m.end()) >= 0) {
            throw new TraceFormatException(file.toString(), "line " + number, "the mapping ends before it starts");
        }
        byte[] name = m.name().getBytes(StandardCharsets.ISO_8859_1);
        return new Mapping(pid, m.start(), m.end(), m.permissions(), NativeText.readable(NativeText.decode(name)));
    }
}
