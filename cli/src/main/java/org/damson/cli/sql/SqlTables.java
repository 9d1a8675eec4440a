package org.damson.cli.sql;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import org.damson.cli.command.Json;
import org.damson.cli.command.Shared;
import org.damson.cli.input.Inputs;
import org.damson.cli.input.TraceSeriesInput;
import org.damson.model.Column;
import org.damson.model.Manifest;
import org.damson.model.ManifestKey;
import org.damson.model.Snapshot;
import org.damson.model.Table;
import org.damson.model.TraceQuery;
import org.damson.model.TraceSource;
import org.damson.model.summary.SnapshotSums;
import org.damson.model.text.NativeText;

/** The tables of traces in DuckDB's SQL: views over their Parquet files, with the trace's name as first column. */
final class SqlTables {
    /**
     * A sealed trace directory, what it is called in queries, and its first moment.
     *
     * @param dir one that {@link #isSpeakable} allows
     * @param disbelieved tables whose sums are not those of its regions
     */
    record Subject(String label, Path dir, String given, Manifest manifest, long fromNs, Set<Table> disbelieved) {
        static Subject of(String label, Path dir, String given, TraceSource trace) throws IOException {
            requireReadable(trace);
            return new Subject(label, dir, given, trace.manifest(), Shared.startNs(trace), disbelieved(trace));
        }

        private static Set<Table> disbelieved(TraceSource trace) throws IOException {
            Set<Table> tables = EnumSet.noneOf(Table.class);
            // Earlier versions did not write down which rows curves are of.
            boolean isBound = ManifestKey.SUMMED_ROWS.get(trace.manifest()) != null;
            for (Table table : Table.values()) {
                boolean mayBeKept = table == Table.SNAPSHOTS || table.isDerived() && (isBound || table != Table.CURVES);
                if (mayBeKept && !trace.isKept(table)) {
                    tables.add(table);
                }
            }
            return tables;
        }

        /** DuckDB reads the files by itself, without damson's bounds of what a page may claim: the first of them are read before. */
        private static void requireReadable(TraceSource trace) throws IOException {
            try (TraceSource.SnapshotCursor cursor = trace.snapshots(TraceQuery.ALL)) {
                cursor.next(new Snapshot());
            }
        }

        /** The files of the trace, as the manifest lists them. */
        List<String> files() {
            return manifest.files.stream()
                    .map(f -> dir.resolve(f.name()).toString())
                    .toList();
        }
    }

    /** Columns of snapshots whose sums are not those of their regions, or are not there. */
    private static final String HEADS = Table.SNAPSHOTS.columns().stream()
            .limit(SnapshotSums.column())
            .map(c -> name(c.name()))
            .collect(Collectors.joining(", "));

    /** What is special in DuckDB's patterns of paths. */
    private static final String PATTERN = "*?[]{}";

    private SqlTables() {}

    /** Statements that make everything: tables, then {@code views.sql}, then {@code macros.sql}. */
    static String script(List<Subject> subjects) throws IOException {
        StringBuilder sql = new StringBuilder();
        sql.append(traces(subjects)).append(pids(subjects));
        for (Table table : Table.values()) {
            sql.append(table(table, subjects));
        }
        return sql.append('\n')
                .append(resource("views.sql"))
                .append('\n')
                .append(resource("macros.sql"))
                .toString();
    }

    static String resource(String name) throws IOException {
        try (InputStream in = SqlTables.class.getResourceAsStream(name)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private static String table(Table table, List<Subject> subjects) {
        String known = table.columns().stream().map(c -> name(c.name())).collect(Collectors.joining(", "));
        // The first part gives the columns their types, also those that no file has; outside, those of a later version
        // go.
        StringBuilder sql = new StringBuilder("CREATE VIEW ")
                .append(table.fileStem())
                .append(" AS SELECT trace, ")
                .append(known)
                .append(" FROM (\n")
                .append(table.columns().stream()
                        .map(c -> "CAST(NULL AS " + type(c) + ") AS " + name(c.name()))
                        .collect(Collectors.joining(", ", "SELECT CAST(NULL AS VARCHAR) AS trace, ", " WHERE false")));
        for (Subject s : subjects) {
            boolean isDisbelieved = s.disbelieved().contains(table);
            List<String> files = s.manifest().files.stream()
                    .filter(f -> f.table() == table && !(isDisbelieved && table.isDerived()))
                    .map(f -> text(pattern(s.dir().resolve(f.name()).toString())))
                    .toList();
            if (!files.isEmpty()) {
                sql.append("\nUNION ALL BY NAME SELECT ")
                        .append(text(s.label()))
                        .append(" AS trace, ")
                        .append(table == Table.SNAPSHOTS && isDisbelieved ? HEADS : "*")
                        .append(" FROM read_parquet([")
                        .append(String.join(", ", files))
                        .append("], union_by_name = true, hive_partitioning = false)");
            }
        }
        return sql.append(");\n").toString();
    }

    private static String type(Column column) {
        return switch (column.type()) {
            case INT32 -> "INTEGER";
            case INT64 -> "BIGINT";
            case STRING -> "VARCHAR";
        };
    }

    private static String traces(List<Subject> subjects) throws IOException {
        List<String> rows = new ArrayList<>();
        for (Subject s : subjects) {
            Manifest m = s.manifest();
            List<String> values = new ArrayList<>(Arrays.asList(
                    text(s.label()),
                    text(NativeText.readable(s.given())),
                    text(lower(m.state)),
                    text(m.source),
                    text(lower(m.clock)),
                    "CAST(" + s.fromNs() + " AS BIGINT)",
                    number(m.toBootNs),
                    number(m.toEpochNs),
                    number(m.attrs.sampleUs()),
                    number(m.attrs.aggrUs()),
                    number(m.attrs.updateUs()),
                    text(lower(m.attrs.origin())),
                    text(json(m.host)),
                    text(json(m.recording))));
            rows.add("(" + String.join(", ", values) + ")");
        }
        return "CREATE VIEW traces AS SELECT * FROM (VALUES\n    " + String.join(",\n    ", rows)
                + "\n) t(trace, path, state, source, clock, from_ns, to_boot_ns, to_epoch_ns, sample_us, aggr_us, update_us,"
                + " intervals_origin, host, recording);\n";
    }

    /** The processes that the manifest lists, in their order. */
    private static String pids(List<Subject> subjects) {
        List<String> rows = new ArrayList<>();
        for (Subject s : subjects) {
            if (ManifestKey.PIDS_RECORDED.get(s.manifest()) instanceof List<?> pids) {
                for (int i = 0; i < pids.size(); i++) {
                    if (pids.get(i) instanceof Number pid) {
                        rows.add("(" + text(s.label()) + ", " + i + ", " + pid.longValue() + ")");
                    }
                }
            }
        }
        String columns = "SELECT CAST(trace AS VARCHAR) AS trace, CAST(position AS BIGINT) AS position,"
                + " CAST(pid AS BIGINT) AS pid FROM (VALUES ";
        return "CREATE VIEW trace_pids AS " + columns
                + (rows.isEmpty() ? "(NULL, NULL, NULL)" : String.join(", ", rows))
                + ") t(trace, position, pid) WHERE trace IS NOT NULL;\n";
    }

    private static String json(Object value) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        Json.write(value, out);
        return out.toString(StandardCharsets.UTF_8).strip();
    }

    private static String number(Long value) {
        return "CAST(" + (value == null ? "NULL" : value) + " AS BIGINT)";
    }

    private static String lower(Enum<?> e) {
        return e.name().toLowerCase(Locale.ROOT);
    }

    private static String name(String column) {
        return '"' + column + '"';
    }

    /** A text of SQL. Nothing in it is special but the quote, which is doubled. */
    static String text(String value) {
        return "'" + value.replace("'", "''").replace("\0", "") + "'";
    }

    /** Whether DuckDB takes this path for itself: not where its name is a pattern to it, or no text. */
    static boolean isPlain(Path path) {
        return path.toString().chars().noneMatch(c -> (PATTERN + "\\\ufffd").indexOf(c) >= 0 || c < ' ');
    }

    /** Whether {@link #pattern} finds this path alone: in a pattern DuckDB takes a backslash for the end of a directory's name. */
    static boolean isSpeakable(Path path) {
        String p = path.toString();
        boolean isPattern = p.chars().anyMatch(c -> PATTERN.indexOf(c) >= 0);
        return p.chars().noneMatch(c -> c == '\ufffd' || c < ' ') && !(isPattern && p.indexOf('\\') >= 0);
    }

    /** The path as DuckDB wants it: what is special in patterns stands in brackets, as a class of one character. */
    private static String pattern(String path) {
        return path.replaceAll("[*?\\[\\]{}]", "[$0]");
    }

    static boolean isSealedDirectory(Path path, Manifest manifest) throws IOException {
        return manifest.state != Manifest.State.RECORDING
                && Files.isDirectory(path)
                && !Inputs.isForeign(path)
                && !TraceSeriesInput.isSeries(path);
    }
}
