package org.damson.trace.redact;

import java.io.IOException;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.damson.model.Batch;
import org.damson.model.ManifestKey;
import org.damson.model.Snapshot;
import org.damson.model.Table;
import org.damson.model.TraceFormatException;
import org.damson.model.TraceQuery;
import org.damson.model.TraceSink;
import org.damson.model.TraceSource;
import org.damson.trace.files.Columns;
import org.damson.trace.files.TimeRange;

/**
 * Copies a trace without what is private in it. Only what is on a list gets through: sizes, heat and intervals as they
 * are; addresses moved, area by area ({@link AddressMoves}); times counted from the first snapshot; names and process ids
 * as pseudonyms ({@link Pseudonyms}). A table, a column or a manifest key that is not on the list is left out, so that
 * what a later version adds stays private until somebody decides otherwise.
 */
public final class Redactor {
    /** What happens to a column. */
    enum Rule {
        /** Unchanged: counts, sizes, intervals, indexes. */
        KEEP,
        TIME,
        START,
        END,
        TARGET,
        PID,
        /** A number that only distinguishes rows. */
        ID,
        /** Text of DAMON's or damson's own words stays, other text becomes a pseudonym. */
        WORDS,
        MAPPING_NAME,
        PERMISSIONS,
        NAME,
        /** A pseudonym; strict: none. */
        THREAD_NAME,
        /** A file with code: a pseudonym, but for the kernel's. */
        MODULE,
        /** A place in a function or file: only told from the other places there. */
        PLACE,
        /** Unchanged; strict: grown with the range of the row that it is a part of, in bytes. */
        PART,
        /** Unchanged; strict: 0. */
        CPU,
        /** Unchanged; strict: rounded up if it is a size. */
        STATISTIC,
        /** Unchanged; strict: as {@link RedactedMemory} changes it. */
        COUNTER,
        /** 0, or no text. */
        DROP
    }

    private static final Map<Table, Map<String, Rule>> RULES = rules();
    private static final int FRAME = Table.FRAMES.indexOf("frame_id");

    private final TraceSource from;
    private final TraceSink to;
    private final Pseudonyms pseudonyms;
    private final RedactedTargets targets;
    private final RedactedTexts texts;
    private final AddressMoves moves;
    private final boolean isStrict;
    /** Null unless strict. */
    private final RareRows rare;

    private final RedactedMemory memory = new RedactedMemory();
    private long originNs = Long.MAX_VALUE;

    private Redactor(TraceSource from, TraceSink to, byte[] key, boolean isStrict) throws IOException {
        this.from = from;
        this.to = to;
        pseudonyms = new Pseudonyms(key);
        this.isStrict = isStrict;
        rare = isStrict ? new RareRows(from) : null;
        texts = new RedactedTexts(pseudonyms, isStrict);
        targets = new RedactedTargets(
                pseudonyms, ManifestKey.PIDS_RECORDED.list(from.manifest()).size());
        moves = new AddressMoves(from.manifest().pageBytes(), from.rowCount(Table.MAPPINGS) == 0, isStrict);
    }

    /**
     * Writes the redacted content of {@code from} to {@code to}, whose manifest should be new: nothing is removed from it.
     *
     * @param key secret of the pseudonyms; two traces redacted with one key have the same pseudonyms
     * @param isStrict whether sizes are rounded up and rare rows and names left out
     * @throws TraceFormatException if the trace cannot be read, or its addresses cannot be moved
     */
    public static void redact(TraceSource from, TraceSink to, byte[] key, boolean isStrict) throws IOException {
        Redactor redactor = new Redactor(from, to, key, isStrict);
        redactor.survey();
        new ManifestRedactor(redactor.pseudonyms, redactor::time, isStrict).copy(from.manifest(), to.manifest());
        ManifestKey.STILL_TELLING.put(to.manifest(), IdentifyingData.lines(from, to.manifest(), isStrict));
        redactor.copySnapshots();
        for (Map.Entry<Table, Map<String, Rule>> e : RULES.entrySet()) {
            if (e.getKey() != Table.SNAPSHOTS && e.getKey() != Table.REGIONS) {
                redactor.copyRows(e.getKey(), e.getValue());
            }
        }
    }

    /** The rule for a column; null if the table is left out, {@link Rule#DROP} for a column nobody decided about. */
    static Rule ruleOf(Table table, String column) {
        Map<String, Rule> rules = RULES.get(table);
        return rules == null ? null : rules.getOrDefault(column, Rule.DROP);
    }

    private static Map<Table, Map<String, Rule>> rules() {
        Map<Table, Map<String, Rule>> all = new EnumMap<>(Table.class);
        all.put(
                Table.SNAPSHOTS,
                rules(
                        "snapshot_id ID, kdamond KEEP, context KEEP, scheme KEEP, target TARGET, start_ns TIME, end_ns TIME,"
                                + " sample_us KEEP, aggr_us KEEP, regions KEEP, bytes KEEP, lost KEEP,"
                                + " accessed KEEP, heat KEEP, referenced PART, written PART, written_not_known PART"));
        all.put(
                Table.REGIONS,
                rules(
                        "snapshot_id ID, start_ns TIME, end_ns TIME, target TARGET, start START, end END, nr_accesses KEEP,"
                                + " age KEEP, referenced_min PART, referenced_mean PART, referenced_max PART, filter_passed PART,"
                                + " probe_hits KEEP, written_mean PART"));
        all.put(
                Table.SCHEMES,
                rules("time_ns TIME, kdamond KEEP, context KEEP, scheme KEEP, target TARGET, start START, end END,"
                        + " nr_accesses KEEP, age KEEP, nr_regions KEEP"));
        all.put(
                Table.SCHEME_STATS,
                rules("time_ns TIME, kdamond KEEP, context KEEP, scheme KEEP, name WORDS, value STATISTIC"));
        all.put(Table.TUNING, rules("time_ns TIME, kdamond KEEP, sample_us KEEP, aggr_us KEEP"));
        all.put(
                Table.SAMPLES,
                rules("time_ns TIME, pid PID, tid PID, cpu CPU, event WORDS, address START, weight KEEP, stack_id ID"));
        all.put(Table.STACKS, rules("stack_id ID, depth KEEP, frame_id ID"));
        // An offset in a known module tells which one it is, and without a module it is an address.
        all.put(
                Table.FRAMES,
                rules("frame_id ID, function NAME, module MODULE, build_id NAME, offset PLACE, source NAME"));
        all.put(Table.THREADS, rules("time_ns TIME, pid PID, tid PID, name THREAD_NAME, gone KEEP"));
        all.put(
                Table.MAPPINGS,
                rules(
                        "time_ns TIME, pid PID, start START, end END, permissions PERMISSIONS, name MAPPING_NAME, gone KEEP"));
        all.put(
                Table.WRITES,
                rules("start_ns TIME, end_ns TIME, target TARGET, start START, end END, samples KEEP, writes KEEP,"
                        + " written_mean PART, written_any PART"));
        all.put(Table.SAMPLING, rules("from_ns TIME, to_ns TIME, clear_ns KEEP, read_ns KEEP"));
        all.put(Table.MEMORY, rules("time_ns TIME, pid PID, counter WORDS, value COUNTER"));
        all.put(Table.LOSSES, rules("from_ns TIME, to_ns TIME, source WORDS, count KEEP, cause WORDS"));
        // Table.DAMO holds another tool's text of any content: left out. So are derived tables: who needs them can make
        // them.
        return all;
    }

    private static Map<String, Rule> rules(String text) {
        Map<String, Rule> rules = new TreeMap<>();
        for (String column : text.split(", ")) {
            int space = column.indexOf(' ');
            rules.put(column.substring(0, space), Rule.valueOf(column.substring(space + 1)));
        }
        return rules;
    }

    /** First pass: which addresses, targets and times there are. */
    private void survey() throws IOException {
        try (TraceSource.SnapshotCursor cursor = from.snapshots(TraceQuery.ALL.columns(0))) {
            Snapshot s = new Snapshot();
            while (cursor.next(s)) {
                originNs = Math.min(originNs, s.startNs);
                targets.add(s.target);
                for (int i = 0; i < s.regions; i++) {
                    moves.add(s.start[i], s.end[i]);
                }
            }
            surveyRows(Table.MAPPINGS);
            surveyRows(Table.SCHEMES);
            surveyRows(Table.WRITES);
            moves.settle();
        } catch (TraceFormatException e) {
            throw e;
        } catch (IOException e) {
            throw new TraceFormatException(from.name(), "", "cannot be redacted: " + e.getMessage(), e);
        }
        // Means over time count readings from before the first snapshot: what was between them is kept.
        originNs = Math.min(originNs, firstTimeNs(Set.of(Table.MEMORY)));
        if (originNs == Long.MAX_VALUE) {
            originNs = firstTimeNs(RULES.keySet());
        }
        targets.settle(from);
    }

    private void surveyRows(Table table) throws IOException {
        int start = table.indexOf("start");
        int end = table.indexOf("end");
        boolean hasTarget = ruleOf(table, "target") == Rule.TARGET;
        try (TraceSource.BatchCursor cursor = from.rows(table)) {
            for (Batch b = cursor.next(); b != null; b = cursor.next()) {
                for (int r = 0; r < b.rows(); r++) {
                    if (table == Table.MAPPINGS) {
                        moves.addMapping(b.get(start, r), b.get(end, r));
                    } else {
                        moves.add(b.get(start, r), b.get(end, r));
                    }
                    if (hasTarget) {
                        targets.add(b.get(table.indexOf("target"), r));
                    }
                }
            }
        }
    }

    /** The least time in some tables; the greatest there is if they are empty. */
    private long firstTimeNs(Set<Table> tables) throws IOException {
        long first = Long.MAX_VALUE;
        for (Table table : tables) {
            TimeRange range = new TimeRange(table);
            boolean any = false;
            try (TraceSource.BatchCursor cursor = from.rows(table)) {
                for (Batch b = cursor.next(); b != null; b = cursor.next()) {
                    range.add(Columns.of(b));
                    any = true;
                }
            }
            if (any && range.column() >= 0) {
                first = Math.min(first, range.fromNs());
            }
        }
        return first;
    }

    private void copySnapshots() throws IOException {
        Snapshot s = new Snapshot();
        try (TraceSource.SnapshotCursor cursor = from.snapshots(TraceQuery.ALL)) {
            while (cursor.next(s)) {
                s.startNs = time(s.startNs);
                s.endNs = time(s.endNs);
                s.target = targets.of(s.target);
                for (int i = 0; i < s.regions; i++) {
                    moveRegion(s, i);
                }
                to.append(s);
            }
        }
    }

    private void moveRegion(Snapshot s, int i) {
        long start = moves.start(s.start[i]);
        long end = moves.end(s.end[i]);
        double growth = growth(s.start[i], s.end[i]);
        s.start[i] = start;
        s.end[i] = end;
        for (long[] part : List.of(s.referencedMin, s.referencedMean, s.referencedMax, s.filterPassed, s.writtenMean)) {
            if (i < part.length) {
                part[i] = grown(part[i], growth);
            }
        }
    }

    private double growth(long start, long end) {
        return isStrict && start != end ? (double) (moves.end(end) - moves.start(start)) / (end - start) : 1;
    }

    /** Negative values mean unknown and are kept. */
    private static long grown(long part, double growth) {
        return part <= 0 || growth == 1 ? part : (long) (part * growth);
    }

    private void copyRows(Table table, Map<String, Rule> rules) throws IOException {
        Batch made = new Batch(table);
        try (TraceSource.BatchCursor cursor = from.rows(table)) {
            for (Batch b = cursor.next(); b != null; b = cursor.next()) {
                made.clear();
                made.setPresentAs(b);
                for (int r = 0; r < b.rows(); r++) {
                    if (!isStrict || !rare.isLeftOut(table, b, r)) {
                        copyRow(table, rules, b, r, made);
                    }
                }
                if (made.rows() > 0) {
                    to.append(made);
                }
            }
        }
    }

    private void copyRow(Table table, Map<String, Rule> rules, Batch from, int r, Batch made) {
        int row = made.addRow();
        boolean isRare = isStrict && table == Table.FRAMES && rare.isRareFrame(from.get(FRAME, r));
        for (int c = 0; c < table.columns().size(); c++) {
            String column = table.columns().get(c).name();
            Rule rule = rules.getOrDefault(column, Rule.DROP);
            if (from.texts(c) != null) {
                made.set(c, row, isRare ? RedactedTexts.rare() : texts.text(rule, column, from.text(c, r)));
            } else {
                made.set(c, row, isRare && rule == Rule.PLACE ? 0 : number(table, rule, from, r, from.get(c, r)));
            }
        }
    }

    private long number(Table table, Rule rule, Batch row, int r, long value) {
        if (rule == Rule.PLACE) {
            return texts.place(row, r, value);
        }
        if (!isStrict) {
            return number(rule, value);
        }
        return switch (rule) {
            case CPU -> 0;
            case STATISTIC -> row.text(table.indexOf("name"), r).contains("sz_") ? CoarseSizes.up(value) : value;
            case COUNTER ->
                memory.value(row.get(table.indexOf("pid"), r), row.text(table.indexOf("counter"), r), value);
            case PART -> grown(value, growth(row.get(table.indexOf("start"), r), row.get(table.indexOf("end"), r)));
            default -> number(rule, value);
        };
    }

    private long number(Rule rule, long value) {
        return switch (rule) {
            case KEEP, PART, CPU, STATISTIC, COUNTER -> value;
            case TIME -> time(value);
            case START -> moves.start(value);
            case END -> moves.end(value);
            case TARGET -> targets.of(value);
            case PID -> pseudonyms.pid(value);
            case ID -> pseudonyms.id(value);
            default -> 0;
        };
    }

    /** Nothing is before the first snapshot: what happened earlier held when it began. */
    private long time(long ns) {
        return ns <= originNs ? 0 : ns - originNs;
    }
}
