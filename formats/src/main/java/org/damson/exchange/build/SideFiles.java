package org.damson.exchange.build;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.BufferedInputStream;
import java.io.CharConversionException;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.damson.model.Batch;
import org.damson.model.InvalidInputException;
import org.damson.model.Manifest;
import org.damson.model.ManifestKey;
import org.damson.model.Mapping;
import org.damson.model.MonitoringAttrs;
import org.damson.model.Table;
import org.damson.model.TraceFormatException;
import org.damson.model.TraceSink;
import org.damson.model.Units;

/**
 * What damo writes beside a recording: its set-up, and each second the footprints, mappings and statistics of the
 * processes. Found by name, believed only by content: a file that is something else is named and left out.
 */
public final class SideFiles {
    /** No side files. */
    public static final SideFiles NONE = new SideFiles(List.of());

    /** damo takes a page for this many bytes on every machine. */
    private static final long PAGE_BYTES = 4096;

    /** The kernel's USER_HZ. */
    private static final long TICK_NS = 10_000_000;

    private static final String KDAMONDS = ".kdamonds";
    private static final String FOOTPRINTS = ".mem_footprint";
    private static final String AREAS = ".vmas";
    private static final String STATISTICS = ".proc_stats";
    private static final int DRAIN_ROWS = 1 << 12;

    private static final List<String> SYSTEM = List.of("total", "free", "available", "buffers", "cached");

    private interface Element {
        void read(JsonNode element) throws IOException;
    }

    private final List<Path> names;
    private Path areas;
    private final Set<String> used = new LinkedHashSet<>();
    private final List<String> notes = new ArrayList<>();
    private final Map<Integer, MonitoringAttrs> intervals = new LinkedHashMap<>();
    private final List<Long> pids = new ArrayList<>();
    private ProbeFacts probes = new ProbeFacts();

    private SideFiles(List<Path> names) {
        this.names = names;
    }

    /** Those beside a file, whose name may end in {@code .gz} or {@code .zst} although theirs do not. */
    public static SideFiles beside(Path file) throws IOException {
        String name = file.getFileName().toString();
        List<Path> names = new ArrayList<>(List.of(file));
        String unpacked = name.replaceFirst("\\.(gz|zst)$", "");
        if (!unpacked.equals(name) && !unpacked.isEmpty()) {
            names.add(file.resolveSibling(unpacked));
        }
        SideFiles found = new SideFiles(names);
        found.read(KDAMONDS, found::kdamond);
        return found;
    }

    /** The same with mappings from this file, whatever its name is; null changes nothing. */
    SideFiles withAreas(Path file) {
        if (file == null) {
            return this;
        }
        SideFiles all = new SideFiles(names);
        all.intervals.putAll(intervals);
        all.pids.addAll(pids);
        all.probes = probes;
        all.used.addAll(used);
        all.notes.addAll(notes);
        all.areas = file;
        return all;
    }

    /** The intervals of the kdamond with this thread id, or of any; null if no side file says them. */
    MonitoringAttrs intervals(int tid) {
        MonitoringAttrs own = intervals.get(tid);
        return own != null || intervals.isEmpty()
                ? own
                : intervals.values().iterator().next();
    }

    private void kdamond(JsonNode kdamond) {
        int tid = kdamond.path("pid").asInt(-1);
        probes.kdamond(kdamond);
        for (JsonNode context : DamoValues.array(kdamond, "contexts")) {
            MonitoringAttrs attrs = DamoValues.intervals(context.path("intervals"), context.path("nr_regions"));
            intervals.put(intervals.containsKey(tid) ? -1 - intervals.size() : tid, attrs);
            for (JsonNode target : context.path("targets")) {
                if (target.path("pid").canConvertToLong()) {
                    pids.add(target.path("pid").asLong());
                }
            }
        }
    }

    /**
     * Adds the content of the side files.
     *
     * @param fromNs start of the first snapshot
     * @param toNs end of the last
     * @return notes for the user
     */
    List<String> writeTo(TraceSink sink, long fromNs, long toNs) throws IOException {
        Manifest manifest = sink.manifest();
        long[] span = {Long.MAX_VALUE, Long.MIN_VALUE};
        List<String> before = List.copyOf(notes);
        for (String ending : List.of(FOOTPRINTS, AREAS, STATISTICS)) {
            read(ending, sample -> widen(span, sample));
        }
        notes.retainAll(before);
        used.removeIf(name -> !name.endsWith(KDAMONDS));
        long shiftNs = 0;
        if (span[0] <= span[1] && manifest.clock != Manifest.ClockKind.EPOCH) {
            // damo stamps its side files with the time of day and a traced recording with time since boot.
            shiftNs = (span[0] / 2 + span[1] / 2) - (fromNs / 2 + toNs / 2);
            long errorNs = Math.abs((span[1] - span[0]) - (toNs - fromNs)) / 2 + 1_000_000_000L;
            ManifestKey.SIDE_FILES_SHIFT.put(manifest, shiftNs);
            ManifestKey.SIDE_FILES_ERROR.put(manifest, errorNs);
            notes.add("the side files count another clock; they were put onto the recording's by matching the middles,"
                    + " which may be wrong by " + Units.duration(errorNs));
        }
        long shift = shiftNs;
        Batch memory = new Batch(Table.MEMORY);
        Batch mappings = new Batch(Table.MAPPINGS);
        Map<Long, Set<Mapping>> known = new HashMap<>();
        Map<String, Element> elements = new LinkedHashMap<>();
        elements.put(FOOTPRINTS, sample -> footprints(sample, shift, drained(sink, memory)));
        elements.put(AREAS, sample -> areas(sample, shift, known, drained(sink, mappings)));
        elements.put(STATISTICS, sample -> statistics(sample, shift, drained(sink, memory)));
        readTogether(elements);
        for (Batch rows : List.of(memory, mappings)) {
            if (rows.rows() > 0) {
                sink.append(rows);
            }
        }
        if (areas != null && !used.contains(areas.getFileName().toString())) {
            throw new TraceFormatException(areas.toString(), "", "not what damo record --vmas writes");
        }
        if (!used.isEmpty()) {
            ManifestKey.SIDE_FILES.put(manifest, List.copyOf(used));
        }
        probes.describe(manifest);
        if (!pids.isEmpty()) {
            ManifestKey.PIDS_RECORDED.put(manifest, List.copyOf(pids));
        }
        return notes;
    }

    private static Batch drained(TraceSink sink, Batch rows) throws IOException {
        if (rows.rows() >= DRAIN_ROWS) {
            sink.append(rows);
            rows.clear();
        }
        return rows;
    }

    private static long timeNs(JsonNode sample) {
        return DamoValues.nanoseconds(DamoValues.text(sample, "time"));
    }

    private static void widen(long[] span, JsonNode sample) {
        span[0] = Math.min(span[0], timeNs(sample));
        span[1] = Math.max(span[1], timeNs(sample));
    }

    private static void footprints(JsonNode sample, long shiftNs, Batch out) {
        long timeNs = timeNs(sample) - shiftNs;
        for (JsonNode f : DamoValues.array(sample, "footprints")) {
            JsonNode values = f.path("footprint");
            if (f.hasNonNull("pid")) {
                long pid = DamoValues.count(DamoValues.text(f, "pid"));
                if (values.isObject()) {
                    out.add(timeNs, pid, "vsz", scaled(values, "size", PAGE_BYTES));
                    out.add(timeNs, pid, "rss", scaled(values, "resident", PAGE_BYTES));
                    out.add(timeNs, pid, "shared", scaled(values, "shared", PAGE_BYTES));
                }
            } else {
                for (String key : SYSTEM) {
                    if (values.hasNonNull(key)) {
                        out.add(timeNs, 0, "mem_" + key, scaled(values, key, 1024));
                    }
                }
            }
        }
    }

    private static long scaled(JsonNode values, String key, long unit) {
        return Math.multiplyExact(DamoValues.unsigned(DamoValues.text(values, key)), unit);
    }

    private static void areas(JsonNode sample, long shiftNs, Map<Long, Set<Mapping>> known, Batch out) {
        long timeNs = timeNs(sample) - shiftNs;
        Set<Long> alive = new HashSet<>();
        for (JsonNode process : DamoValues.array(sample, "procvmas")) {
            long pid = DamoValues.count(DamoValues.text(process, "pid"));
            Set<Mapping> now = new LinkedHashSet<>();
            for (JsonNode vma : process.path("vmas")) {
                // damo takes the last field of a line of maps, which for an anonymous mapping is the inode number 0.
                String name = vma.path("name").asText("");
                now.add(new Mapping(
                        pid,
                        DamoValues.unsigned(DamoValues.text(vma, "start")),
                        DamoValues.unsigned(DamoValues.text(vma, "end")),
                        "",
                        name.equals("0") ? "" : name));
            }
            alive.add(pid);
            changes(timeNs, known.getOrDefault(pid, Set.of()), now, out);
            known.put(pid, now);
        }
        known.forEach((pid, before) -> {
            if (!alive.contains(pid)) {
                changes(timeNs, before, Set.of(), out);
            }
        });
        known.keySet().retainAll(alive);
    }

    private static void changes(long timeNs, Set<Mapping> before, Set<Mapping> now, Batch out) {
        before.stream().filter(m -> !now.contains(m)).forEach(m -> m.addTo(out, timeNs, true));
        now.stream().filter(m -> !before.contains(m)).forEach(m -> m.addTo(out, timeNs, false));
    }

    /** Of {@code /proc/PID/stat}: faults and processor time, which nothing else in a trace has. */
    private static void statistics(JsonNode sample, long shiftNs, Batch out) {
        long timeNs = timeNs(sample) - shiftNs;
        for (JsonNode process : DamoValues.array(sample, "proc_stats")) {
            JsonNode fields = process.path("fields");
            if (fields.isArray() && fields.size() > 14) {
                long pid = DamoValues.count(fields.get(0).asText());
                out.add(
                        timeNs,
                        pid,
                        "minor_faults",
                        DamoValues.unsigned(fields.get(9).asText()));
                out.add(
                        timeNs,
                        pid,
                        "major_faults",
                        DamoValues.unsigned(fields.get(11).asText()));
                out.add(timeNs, pid, "user_ns", ticks(fields.get(13)));
                out.add(timeNs, pid, "system_ns", ticks(fields.get(14)));
            }
        }
    }

    private static long ticks(JsonNode field) {
        return Math.multiplyExact(DamoValues.unsigned(field.asText()), TICK_NS);
    }

    /** The elements of one side file's JSON array, one at a time. */
    private final class Samples implements Closeable {
        private final String file;
        private final JsonParser parser;
        private JsonNode current;

        Samples(Path path) throws IOException {
            file = path.getFileName().toString();
            parser = parser(path);
        }

        private static JsonParser parser(Path path) throws IOException {
            InputStream in = new BufferedInputStream(Files.newInputStream(path), 1 << 16);
            try {
                return DamoValues.JSON.createParser(in);
            } catch (CharConversionException e) {
                // In no encoding that JSON may have: not an array either.
                in.close();
                return DamoValues.JSON.createParser("");
            }
        }

        /** Moves to the next element; false at the end, which is also where the file stops being what damo writes. */
        boolean next() throws IOException {
            try {
                if (current == null && parser.nextToken() != JsonToken.START_ARRAY) {
                    throw new InvalidInputException("not an array");
                }
                current = parser.nextToken() == JsonToken.END_ARRAY ? null : DamoValues.tree(parser);
            } catch (JsonProcessingException e) {
                leaveOut(e.getOriginalMessage());
            } catch (CharConversionException | InvalidInputException | NumberFormatException e) {
                leaveOut(e.getMessage());
            }
            return current != null;
        }

        /** Hands the element over; false if it is not what damo writes. */
        boolean give(Element to) throws IOException {
            try {
                to.read(current);
                used.add(file);
                return true;
            } catch (InvalidInputException | NumberFormatException | ArithmeticException e) {
                leaveOut(e.getMessage());
                return false;
            }
        }

        private void leaveOut(String why) {
            current = null;
            notes.add(file + " is left out from where it is not what damo writes: "
                    + String.valueOf(why).replaceAll("\\s+", " "));
        }

        @Override
        public void close() throws IOException {
            parser.close();
        }
    }

    /** The side file of this kind, or null. */
    private Samples open(String ending) throws IOException {
        if (areas != null && ending.equals(AREAS)) {
            return new Samples(areas);
        }
        for (Path name : names) {
            Path file = name.resolveSibling(name.getFileName() + ending);
            if (Files.isRegularFile(file)) {
                return new Samples(file);
            }
        }
        return null;
    }

    private void read(String ending, Element element) throws IOException {
        try (Samples samples = open(ending)) {
            while (samples != null && samples.next() && samples.give(element)) {
                // all is done there
            }
        }
    }

    /** Reads several in the order of their times. */
    private void readTogether(Map<String, Element> elements) throws IOException {
        Map<Samples, Element> open = new LinkedHashMap<>();
        try {
            for (Map.Entry<String, Element> e : elements.entrySet()) {
                Samples samples = open(e.getKey());
                if (samples != null) {
                    open.put(samples, e.getValue());
                }
            }
            List<Samples> left = new ArrayList<>(open.keySet());
            left.removeIf(samples -> !advance(samples));
            while (!left.isEmpty()) {
                Samples first = Collections.min(left, Comparator.comparingLong(samples -> timeNs(samples.current)));
                if (!first.give(open.get(first)) || !advance(first)) {
                    left.remove(first);
                }
            }
        } catch (UncheckedIOException e) {
            throw e.getCause();
        } finally {
            for (Samples samples : open.keySet()) {
                samples.close();
            }
        }
    }

    private static boolean advance(Samples samples) {
        try {
            return samples.next() && samples.give(SideFiles::timeNs);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
