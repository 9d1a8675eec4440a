package org.damson.analyzer.certificate;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.damson.exchange.build.LineReader;
import org.damson.model.InvalidInputException;
import org.damson.model.TraceFormatException;
import org.damson.model.text.Printable;

/** What a generator touched: the log of {@code accessgen run --log}. Times are of CLOCK_MONOTONIC, nanoseconds. */
public final class AccessLog {
    private static final String HEAD = "from_ns,to_ns,phase,region,accesses,start,size_bytes,stride_bytes,random";
    private static final int MAX_ROWS = 1 << 20;
    private static final int FIELDS_AFTER_PHASE = 6;

    /** Memory of the generator: {@code [start, end)}. */
    public record Place(String name, long start, long end) {
        public long sizeBytes() {
            return end - start;
        }
    }

    /** When a pattern ran: the phases whose names begin with its name and a colon, or are its name. */
    public record Pattern(String name, long fromNs, long toNs) {}

    private final long pageBytes;
    private final List<Place> places = new ArrayList<>();
    private final Map<TouchedPart.Kind, TouchedPart> parts = new LinkedHashMap<>();
    private final Map<String, Pattern> patterns = new LinkedHashMap<>();
    private final Set<String> phases = new LinkedHashSet<>();

    private long beginNs;

    private AccessLog(long pageBytes) {
        this.pageBytes = pageBytes;
    }

    /**
     * Reads a log.
     *
     * @param pageBytes size of a page of the machine on which the generator ran
     * @throws TraceFormatException naming the line that cannot be read
     */
    public static AccessLog read(Path file, long pageBytes) throws IOException {
        AccessLog log = new AccessLog(pageBytes);
        try (InputStream in = Files.newInputStream(file)) {
            LineReader lines = new LineReader(in);
            if (!HEAD.equals(lines.next())) {
                throw new TraceFormatException(file.toString(), "line 1", "a log of accesses begins with " + HEAD);
            }
            for (String line; (line = lines.next()) != null; ) {
                if (lines.number() > MAX_ROWS) {
                    throw new TraceFormatException(file.toString(), "", "more than " + MAX_ROWS + " lines");
                }
                try {
                    log.add(
                            lines.wrong(),
                            new String(line.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8));
                } catch (InvalidInputException e) {
                    throw new TraceFormatException(file.toString(), "line " + lines.number(), e.getMessage());
                }
            }
        }
        if (log.places.isEmpty() || log.patterns.isEmpty()) {
            throw new TraceFormatException(file.toString(), "", "nothing was accessed");
        }
        return log;
    }

    private static long number(String text) {
        try {
            return Long.parseLong(text);
        } catch (NumberFormatException e) {
            throw new InvalidInputException("not a whole number: '" + Printable.line(shortened(text)) + "'");
        }
    }

    private static String shortened(String text) {
        return text.length() > 40 ? text.substring(0, 40) + "..." : text;
    }

    /** @param wrong why it is not a line of text; null if it is one */
    private void add(String wrong, String line) {
        if (wrong != null) {
            throw new InvalidInputException(wrong);
        }
        String[] f = line.split(",", -1);
        int n = f.length;
        if (n < 3 + FIELDS_AFTER_PHASE) {
            throw new InvalidInputException("not a row of " + HEAD);
        }
        long fromNs = number(f[0]);
        long toNs = number(f[1]);
        // A phase's name may hold commas.
        String phase = String.join(",", List.of(f).subList(2, n - FIELDS_AFTER_PHASE));
        String region = f[n - 6];
        long accesses = number(f[n - 5]);
        long start = number(f[n - 4]);
        long sizeBytes = number(f[n - 3]);
        long strideBytes = number(f[n - 2]);
        boolean random = f[n - 1].equals("1");
        if (!random && !f[n - 1].equals("0")) {
            throw new InvalidInputException("accesses by links, zipf or in a moving window cannot be judged");
        }
        if (sizeBytes <= 0 || start < 0 || start + sizeBytes < start || accesses < 0 || toNs < fromNs) {
            throw new InvalidInputException("a size, an address, a count or a time is out of range");
        }
        if (phase.isEmpty()) {
            beginNs = toNs;
            places.add(new Place(region, start, start + sizeBytes));
            return;
        }
        if (strideBytes <= 0 && !random) {
            throw new InvalidInputException("the stride must be more than 0");
        }
        phases.add(phase);
        String pattern = phase.contains(":") ? phase.substring(0, phase.indexOf(':')) : phase;
        patterns.merge(
                pattern,
                new Pattern(pattern, fromNs, toNs),
                (a, b) -> new Pattern(a.name, Math.min(a.fromNs, b.fromNs), Math.max(a.toNs, b.toNs)));
        parts.computeIfAbsent(
                        new TouchedPart.Kind(start, start + sizeBytes, strideBytes, random, pageBytes),
                        TouchedPart::new)
                .add(fromNs, toNs, accesses);
    }

    /** All memory of the generator, touched or not, in the order of its configuration. */
    public List<Place> places() {
        return List.copyOf(places);
    }

    /** When all memory was mapped and written, and accesses began. */
    public long beginNs() {
        return beginNs;
    }

    /** In the order in which they ran. */
    public List<Pattern> patterns() {
        return List.copyOf(patterns.values());
    }

    /** Names of all phases in which something was touched, in order. */
    public List<String> phases() {
        return List.copyOf(phases);
    }

    List<TouchedPart> parts() {
        return List.copyOf(parts.values());
    }
}
