package org.damson.analyzer.certificate;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.damson.model.InvalidInputException;
import org.damson.model.TraceFormatException;

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

    private final List<Place> places = new ArrayList<>();
    private final Map<TouchedPart.Kind, TouchedPart> parts = new LinkedHashMap<>();
    private final Map<String, Pattern> patterns = new LinkedHashMap<>();
    private final Set<String> phases = new LinkedHashSet<>();

    private long beginNs;

    private AccessLog() {}

    /**
     * Reads a log.
     *
     * @throws TraceFormatException naming the line that cannot be read
     */
    public static AccessLog read(Path file) throws IOException {
        AccessLog log = new AccessLog();
        try (BufferedReader in = Files.newBufferedReader(file)) {
            if (!HEAD.equals(in.readLine())) {
                throw new TraceFormatException(file.toString(), "line 1", "a log of accesses begins with " + HEAD);
            }
            int number = 2;
            for (String line; (line = in.readLine()) != null; number++) {
                if (number > MAX_ROWS) {
                    throw new TraceFormatException(file.toString(), "", "more than " + MAX_ROWS + " lines");
                }
                try {
                    log.add(line);
                } catch (InvalidInputException | NumberFormatException e) {
                    throw new TraceFormatException(file.toString(), "line " + number, e.getMessage());
                }
            }
        }
        if (log.places.isEmpty() || log.patterns.isEmpty()) {
            throw new TraceFormatException(file.toString(), "", "nothing was accessed");
        }
        return log;
    }

    private void add(String line) {
        String[] f = line.split(",", -1);
        int n = f.length;
        if (n < 3 + FIELDS_AFTER_PHASE) {
            throw new InvalidInputException("not a row of " + HEAD);
        }
        long fromNs = Long.parseLong(f[0]);
        long toNs = Long.parseLong(f[1]);
        // A phase's name may hold commas.
        String phase = String.join(",", List.of(f).subList(2, n - FIELDS_AFTER_PHASE));
        String region = f[n - 6];
        long accesses = Long.parseLong(f[n - 5]);
        long start = Long.parseLong(f[n - 4]);
        long sizeBytes = Long.parseLong(f[n - 3]);
        long strideBytes = Long.parseLong(f[n - 2]);
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
        parts.computeIfAbsent(new TouchedPart.Kind(start, start + sizeBytes, strideBytes, random), TouchedPart::new)
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
