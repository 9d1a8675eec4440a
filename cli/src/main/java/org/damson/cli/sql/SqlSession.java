package org.damson.cli.sql;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.damson.cli.command.UsageException;
import org.damson.cli.command.WorkDirectory;
import org.damson.cli.console.Console;
import org.damson.cli.input.Inputs;
import org.damson.cli.input.TraceFiles;
import org.damson.model.Manifest;
import org.damson.model.MissingCapabilityException;
import org.damson.model.TraceQuery;
import org.damson.model.TraceSource;
import org.damson.model.text.NativeText;
import org.damson.model.text.Printable;
import org.damson.trace.Traces;

/**
 * A DuckDB in memory over the tables of some traces. It reads the traces' files and nothing else, writes nothing, loads no
 * extension, and is not known otherwise.
 */
final class SqlSession implements AutoCloseable {
    /**
     * Words of statements that write files: DuckDB allows or forbids a file as a whole, and reading has to be allowed. They
     * are not even looked for outside of quotes, so that no way of quoting gets one past this.
     */
    private static final Pattern WRITING =
            Pattern.compile("\\b(copy|export|attach|enable_logging)\\b", Pattern.CASE_INSENSITIVE);

    private final Connection connection;
    private final WorkDirectory work;

    private SqlSession(Connection connection, WorkDirectory work) {
        this.connection = connection;
        this.work = work;
    }

    /** Opens the traces; what is not a sealed directory is copied into a private one for as long as the session lasts. */
    static SqlSession open(List<String> names, long memoryBytes, Console console) throws IOException, SQLException {
        WorkDirectory work = WorkDirectory.create("sql");
        Connection connection = null;
        try {
            List<SqlTables.Subject> subjects = subjects(names, work, console);
            connection = connect();
            SqlSession session = new SqlSession(connection, work);
            session.prepare(subjects, memoryBytes);
            return session;
        } catch (IOException | SQLException | RuntimeException e) {
            if (connection != null) {
                connection.close();
            }
            work.close();
            throw e;
        }
    }

    /** DuckDB is large and packaged by itself, so it may be missing where everything else is there. */
    private static Connection connect() throws IOException, SQLException {
        try {
            Class.forName("org.duckdb.DuckDBDriver");
            return DriverManager.getConnection("jdbc:duckdb:");
        } catch (LinkageError e) {
            throw MissingCapabilityException.notLoaded("DuckDB", e);
        } catch (ClassNotFoundException e) {
            throw new MissingCapabilityException(
                    "sql needs DuckDB, which this installation does not have; the package damson-sql adds it", e);
        }
    }

    /** What {@code --script} prints: the same tables for a DuckDB of one's own. */
    static String script(List<String> names, Console console) throws IOException {
        List<SqlTables.Subject> subjects = subjects(names, null, console);
        return "-- Tables, views and macros of: "
                + names.stream().map(Printable::line).collect(Collectors.joining(", ")) + "\n"
                + SqlTables.script(subjects);
    }

    private static List<SqlTables.Subject> subjects(List<String> names, WorkDirectory work, Console console)
            throws IOException {
        List<SqlTables.Subject> subjects = new ArrayList<>();
        for (Map.Entry<String, String> e : labels(names).entrySet()) {
            Path path = NativeText.path(e.getValue());
            try (TraceSource trace = Inputs.open(path, console)) {
                if (SqlTables.isSealedDirectory(path, trace.manifest())) {
                    Path dir = plain(path.toRealPath(), work, subjects.size());
                    subjects.add(SqlTables.Subject.of(e.getKey(), dir, e.getValue(), trace));
                    trace.refusals().forEach(why -> console.note("note: " + why));
                    continue;
                }
                if (work == null) {
                    throw new UsageException(e.getValue()
                            + " is not a sealed trace directory; copy it into one first: damson slice "
                            + e.getValue() + " -o whole.damson");
                }
                Path copy = work.resolve(subjects.size() + ".damson");
                Manifest manifest = TraceFiles.derived(trace, "sql");
                TraceFiles.create(copy, manifest, sink -> Traces.copy(trace, TraceQuery.ALL, sink));
                try (TraceSource copied = Traces.open(copy)) {
                    copied.manifest().state = trace.manifest().state;
                    subjects.add(SqlTables.Subject.of(e.getKey(), copy, e.getValue(), copied));
                }
            }
        }
        return subjects;
    }

    /** The directory, or where its name would be a pattern to DuckDB, a link to it in the work directory. */
    private static Path plain(Path dir, WorkDirectory work, int number) throws IOException {
        if (SqlTables.isPlain(dir) || work == null && SqlTables.isSpeakable(dir)) {
            return dir;
        }
        if (work == null) {
            throw new UsageException(NativeText.readable(NativeText.of(dir))
                    + ": DuckDB cannot be told this name; give the trace one in UTF-8, without \\ beside * ? [ ] { }");
        }
        return Files.createSymbolicLink(work.resolve(number + ".damson"), dir);
    }

    /** What each trace is called: its file's name without the ending; as it was given where two have the same. */
    private static Map<String, String> labels(List<String> names) {
        Set<String> seen = new HashSet<>();
        Set<String> twice = new HashSet<>();
        for (String name : names) {
            if (!seen.add(label(name))) {
                twice.add(label(name));
            }
        }
        Map<String, String> labels = new LinkedHashMap<>();
        for (String name : names) {
            String label = twice.contains(label(name)) ? NativeText.readable(name) : label(name);
            if (labels.put(label, name) != null) {
                throw new UsageException(name + " is given twice");
            }
        }
        return labels;
    }

    private static String label(String name) {
        Path file = Path.of(NativeText.readable(name)).normalize().getFileName();
        return (file == null ? name : file.toString()).replaceFirst("\\.damson(\\.zip)?$", "");
    }

    private void prepare(List<SqlTables.Subject> subjects, long memoryBytes) throws IOException, SQLException {
        String files = subjects.stream()
                .flatMap(s -> s.files().stream())
                .map(SqlTables::text)
                .collect(Collectors.joining(", ", "[", "]"));
        try (Statement statement = connection.createStatement()) {
            statement.execute("SET autoinstall_known_extensions = false");
            statement.execute("SET autoload_known_extensions = false");
            statement.execute("SET memory_limit = '" + memoryBytes + "B'");
            // what does not fit is an error, not files that somebody has to clean up
            statement.execute("SET temp_directory = ''");
            statement.execute("SET allowed_paths = " + files);
            statement.execute("SET enable_external_access = false");
            statement.execute("SET lock_configuration = true");
            for (String sql : SqlStatements.split(SqlTables.script(subjects))) {
                statement.execute(sql);
            }
        }
    }

    /** Takes the rows of a result, in order. */
    interface Reader {
        void read(ResultSet rows) throws SQLException, IOException;
    }

    /** Runs one statement; {@code reader} gets its result if it has one. */
    void run(String sql, Reader reader) throws SQLException, IOException {
        Matcher writing = WRITING.matcher(sql);
        if (writing.find()) {
            throw new SQLException("Permission Error: a statement with the word "
                    + writing.group().toUpperCase(Locale.ROOT)
                    + " is not run, since it could write a file; redirect the output of damson sql instead");
        }
        try (Statement statement = connection.createStatement()) {
            if (statement.execute(sql)) {
                try (ResultSet rows = statement.getResultSet()) {
                    reader.read(rows);
                }
            }
        }
    }

    @Override
    public void close() throws IOException, SQLException {
        try {
            connection.close();
        } finally {
            work.close();
        }
    }
}
