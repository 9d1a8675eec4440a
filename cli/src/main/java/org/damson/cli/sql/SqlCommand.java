package org.damson.cli.sql;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.sql.SQLException;
import java.util.List;
import org.apache.commons.cli.CommandLine;
import org.apache.commons.cli.Option;
import org.apache.commons.cli.Options;
import org.damson.cli.command.Command;
import org.damson.cli.command.CommandFailedException;
import org.damson.cli.command.ExitCode;
import org.damson.cli.command.OptionFile;
import org.damson.cli.command.Quantities;
import org.damson.cli.command.Shared;
import org.damson.cli.command.UsageException;
import org.damson.cli.console.Console;
import org.damson.model.text.NativeText;

/** {@code damson sql TRACE...}: questions to one trace or many in SQL. */
public final class SqlCommand implements Command {
    private static final Option COMMAND = Shared.repeatable(Shared.value("c", "command", "SQL", "run this and end"));
    private static final Option FILE = Shared.value("f", "file", "FILE", "run the statements of a file and end");
    private static final Option CSV = Shared.flag(null, "csv", "print results as CSV");
    private static final Option SCRIPT = Shared.flag(
            null, "script", "print the definitions of tables, views and macros, for a duckdb of your own, and end");
    private static final Option MEMORY = Shared.value(null, "memory", "SIZE", "memory limit of a query (default 2G)");
    private static final long DEFAULT_MEMORY_BYTES = 2L << 30;
    private static final String HELP =
            """
            Statements end with a semicolon. .tables lists tables and views, .columns NAME a view's columns, .quit ends.
            """;

    @Override
    public String name() {
        return "sql";
    }

    @Override
    public String summary() {
        return "query one or more traces in SQL (DuckDB): a shell, -c SQL, or -f FILE";
    }

    @Override
    public String usage() {
        return "TRACE... [-c SQL] [-f FILE] [--csv | --json] [--memory SIZE] | TRACE... --script";
    }

    @Override
    public String example() {
        return "damson sql run.damson -c 'SELECT at_s, bytes FROM wss ORDER BY at_s'";
    }

    @Override
    public Options options() {
        return Shared.of(COMMAND, FILE, CSV, SCRIPT, MEMORY);
    }

    @Override
    public int run(CommandLine line, Console console) throws Exception {
        List<String> traces = line.getArgList();
        if (traces.isEmpty()) {
            throw new UsageException("missing TRACE");
        }
        for (String trace : traces.subList(1, traces.size())) {
            if (trace.contains(" ") && !Files.exists(NativeText.path(trace))) {
                throw new UsageException("not a trace: " + trace + " (pass queries with -c)");
            }
        }
        if (line.hasOption(CSV) && console.isJson()) {
            throw new UsageException("--csv and --json cannot be combined");
        }
        if (line.hasOption(SCRIPT)) {
            console.out().print(SqlSession.script(traces, console));
            return ExitCode.OK;
        }
        long memoryBytes = line.hasOption(MEMORY)
                ? Quantities.positiveBytes(MEMORY, line.getOptionValue(MEMORY))
                : DEFAULT_MEMORY_BYTES;
        SqlPrinter.Form form = console.isJson()
                ? SqlPrinter.Form.JSON
                : line.hasOption(CSV) ? SqlPrinter.Form.CSV : SqlPrinter.Form.TABLE;
        SqlPrinter printer = new SqlPrinter(form, console.rows());
        String file = line.hasOption(FILE)
                ? OptionFile.text("--file " + line.getOptionValue(FILE), NativeText.path(line.getOptionValue(FILE)))
                : "";
        try (SqlSession session = SqlSession.open(traces, memoryBytes, console)) {
            if (!line.hasOption(COMMAND) && !line.hasOption(FILE)) {
                return shell(session, printer, console);
            }
            for (String sql : SqlStatements.split(file)) {
                session.run(sql, printer::print);
            }
            for (String given : line.hasOption(COMMAND) ? line.getOptionValues(COMMAND) : new String[0]) {
                for (String sql : SqlStatements.split(given)) {
                    session.run(sql, printer::print);
                }
            }
            return ExitCode.OK;
        } catch (SQLException e) {
            throw failed(e);
        }
    }

    /** Reads statements from standard input. In front of a person an error is said and the shell goes on. */
    private static int shell(SqlSession session, SqlPrinter printer, Console console) throws IOException, SQLException {
        boolean person = console.inIsTerminal();
        BufferedReader in = new BufferedReader(new InputStreamReader(console.in(), StandardCharsets.UTF_8));
        StringBuilder text = new StringBuilder();
        if (person) {
            HELP.strip().lines().forEach(console::note);
        }
        while (true) {
            if (person) {
                console.err().print(text.isEmpty() ? "damson> " : "   ...> ");
                console.err().flush();
            }
            String line = in.readLine();
            if (line == null) {
                for (String sql : SqlStatements.split(text.toString())) {
                    attempt(session, sql, printer, person, console);
                }
                return ExitCode.OK;
            }
            if (text.isEmpty() && line.strip().startsWith(".")) {
                String sql = dot(line.strip());
                if (sql == null) {
                    return ExitCode.OK;
                }
                if (sql.isEmpty()) {
                    HELP.strip().lines().forEach(console::note);
                } else {
                    attempt(session, sql, printer, person, console);
                }
                continue;
            }
            text.append(line).append('\n');
            if (SqlStatements.isComplete(text.toString()) || text.toString().isBlank()) {
                List<String> statements = SqlStatements.split(text.toString());
                text.setLength(0);
                for (String sql : statements) {
                    attempt(session, sql, printer, person, console);
                }
            }
        }
    }

    /** What a command with a dot means in SQL; null to end, empty for help. */
    private static String dot(String line) {
        String[] words = line.split("\\s+");
        return switch (words[0]) {
            case ".quit", ".exit" -> null;
            case ".tables" -> "SELECT table_name AS name FROM information_schema.tables ORDER BY name";
            case ".columns" -> words.length < 2 ? "" : "DESCRIBE \"" + words[1].replace("\"", "\"\"") + '"';
            default -> "";
        };
    }

    private static void attempt(SqlSession session, String sql, SqlPrinter printer, boolean person, Console console)
            throws IOException, SQLException {
        try {
            session.run(sql, printer::print);
        } catch (SQLException e) {
            if (!person) {
                throw e;
            }
            console.error(String.valueOf(e.getMessage()));
        }
    }

    /** DuckDB's first line says what is wrong; the others point into the statement. */
    private static CommandFailedException failed(SQLException e) {
        String message = e.getMessage() == null
                ? "the query failed"
                : e.getMessage().lines().findFirst().orElse("").strip();
        String kind = message.replaceFirst("^java\\.sql\\.SQLException: ", "");
        int code = ExitCode.USAGE;
        if (kind.startsWith("IO Error") || kind.startsWith("Invalid Input Error") && kind.contains(".parquet")) {
            code = ExitCode.INPUT;
        } else if (kind.startsWith("Out of Memory Error") || kind.startsWith("Permission Error")) {
            code = ExitCode.CAPABILITY;
        }
        return new CommandFailedException(code, "sql: " + kind);
    }
}
