package org.damson.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.xml.XMLConstants;
import javax.xml.parsers.DocumentBuilderFactory;
import org.apache.pdfbox.Loader;
import org.apache.pdfbox.pdmodel.PDDocument;
import org.damson.cli.command.Command;
import org.damson.cli.command.ExitCode;
import org.damson.cli.console.Console;
import org.damson.cli.report.TableReportCommand;
import org.damson.model.Batch;
import org.damson.model.Column;
import org.damson.model.ColumnType;
import org.damson.model.Manifest;
import org.damson.model.ManifestKey;
import org.damson.model.ManifestKeys;
import org.damson.model.MonitoringAttrs;
import org.damson.model.Snapshot;
import org.damson.model.Table;
import org.damson.model.TraceSink;
import org.damson.trace.Traces;
import org.damson.trace.WriterOptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A trace whose every text, and whose own name, is hostile, through every command that reads traces and every form it
 * writes, by the list of commands: a new report is tried without being named here.
 */
final class HostileNamesTest {
    /** What somebody may call a mapping, a function or a counter. */
    private static final List<String> TEXTS = List.of(
            "=cmd|' /C calc'!A0",
            "+1+cmd()",
            "-2+3",
            "@SUM(A1:A9)",
            "\t=1+1",
            "\r=1+1",
            "'=1+1",
            "\u001b]0;owned\u0007\u001b[2J\u001b[31mred\u009b1m",
            "/tmp/a\u202eb\u2066c\u200fd\u200be\u2060f\ufeffg\udb40\udc41",
            "line1\nline2\r\nline3\u2028x\u0085y\u000bz",
            "<script>alert(1)</script>&amp;\"'<!--]]><svg onload=x>",
            "'; DROP TABLE regions; --\\\" \u0000 nul \ufffe \uffff",
            "|a|b|\n|---|\n![x](javascript:alert(1)) `x` ${jndi:ldap://x}",
            "%s %n %08x",
            "a,b,\"c\",d");

    private static final List<String> EXTENSIONS = List.of("txt", "csv", "json", "svg", "pdf", "png", "html", "md");
    private static final List<String> JSON_FORMS = List.of("--json", "jsonl", "damo-json", "speedscope", "firefox");
    private static final List<String> BINARY_FORMS = List.of("damo", "pprof", "perfetto");
    private static final ObjectMapper JSON = new ObjectMapper();

    /** Colours are damson's own; everything else that a terminal acts on is not. */
    private static final Pattern COLOUR = Pattern.compile("\u001b\\[[0-9;]*m");

    private static final Pattern ACTED_ON = Pattern.compile(
            "[\\x00-\\x08\\x0b-\\x1f\\x7f-\\x9f\\u061c\\u200b\\u200e\\u200f\\u2028-\\u202e\\u2060-\\u2064\\u2066-\\u2069\\ufeff\\ufffe\\uffff\\x{e0000}-\\x{e007f}]");

    /** What follows a line break in a name, as a line of its own. */
    private static final Pattern FORGED_LINE = Pattern.compile("(?m)^(line[23]|<i>|<b>)");

    /** What a spreadsheet computes: not a number, and begins as a formula does. */
    private static final Pattern FORMULA = Pattern.compile("(?s)[=+\\-@\\t\\r].*");

    private static final Pattern NUMBER = Pattern.compile("[-+]?[0-9.]+([eE][-+]?[0-9]+)?");

    @TempDir
    static Path dir;

    private static Path trace;
    private static Path second;

    @BeforeAll
    static void writeTrace() throws IOException {
        Path home = Files.createDirectory(dir.resolve("=1+1\u001b[31m\u202e\n<b>&\"'"));
        trace = home.resolve("@x\u001b]0;t\u0007\n<i>,\"=\u2028\u202e.damson");
        second = home.resolve("-y\u001b[2J<u>'.damson");
        write(trace);
        write(second);
    }

    private static void write(Path path) throws IOException {
        Manifest manifest = new Manifest();
        manifest.source = TEXTS.get(7);
        manifest.attrs =
                new MonitoringAttrs(5000, 100_000, 1_000_000, 10, 1000, MonitoringAttrs.IntervalsOrigin.RECORDED);
        manifest.toEpochNs = 0L;
        for (int i = 0; i < TEXTS.size(); i++) {
            manifest.host.put(TEXTS.get(i), TEXTS.get((i + 1) % TEXTS.size()));
            manifest.recording.put(TEXTS.get(i), List.of(TEXTS.get((i + 2) % TEXTS.size())));
            manifest.extra.put(TEXTS.get(i), Map.of(TEXTS.get(i), TEXTS.get((i + 3) % TEXTS.size())));
        }
        int next = 0;
        for (ManifestKey key : ManifestKey.values()) {
            Object text = TEXTS.get(next++ % TEXTS.size());
            if (key.accepts(text)) {
                key.put(manifest, text);
            } else if (key.accepts(TEXTS)) {
                key.put(manifest, TEXTS);
            }
        }
        ManifestKey.SIDE_FILES.put(manifest, List.of(TEXTS.get(5), TEXTS.get(7) + ".kdamonds"));
        ManifestKey.KDAMONDS.put(
                manifest,
                List.of(Map.of(
                        "kdamond",
                        0L,
                        "context",
                        0L,
                        "probes",
                        List.of(Map.of("preps", TEXTS.get(7), "filters", TEXTS.get(5), "weight", 1L)))));
        manifest.recording.put("command", TEXTS);
        manifest.recording.put("damage", TEXTS);
        manifest.recording.put("series_number", TEXTS.get(0));
        manifest.host.put("kernel", TEXTS.get(7));
        manifest.host.put("cpu", TEXTS.get(10));
        manifest.foreign.addAll(ManifestKeys.undeclared(manifest));
        try (TraceSink sink = Traces.create(path, manifest, WriterOptions.BATCH)) {
            Snapshot s = new Snapshot();
            for (int i = 0; i < 20; i++) {
                s.clear();
                s.target = 42;
                s.startNs = 1_000_000_000L + i * 100_000_000L;
                s.endNs = s.startNs + 100_000_000L;
                s.sampleUs = 5000;
                s.aggrUs = 100_000;
                s.columns = Snapshot.HAS_AGE | Snapshot.HAS_PROBE_HITS;
                s.reserve(TEXTS.size());
                for (int r = 0; r < TEXTS.size(); r++) {
                    s.probeHits[s.add(start(r), start(r) + (1 << 20), (r * 7 + i) % 21, i)] = i;
                }
                sink.append(s);
            }
            for (Table table : Table.values()) {
                if (table != Table.SNAPSHOTS && table != Table.REGIONS && table != Table.DAMO && !table.isDerived()) {
                    sink.append(rows(table));
                }
            }
        }
    }

    private static long start(int mapping) {
        return 0x10000000L + ((long) mapping << 20);
    }

    /** A row for each text, which stands in every column of text. */
    private static Batch rows(Table table) {
        Batch batch = new Batch(table);
        for (int i = 0; i < TEXTS.size(); i++) {
            int row = batch.addRow();
            for (int c = 0; c < table.columns().size(); c++) {
                Column column = table.columns().get(c);
                if (column.type() == ColumnType.STRING) {
                    batch.set(c, row, TEXTS.get(i));
                } else {
                    batch.set(c, row, number(column.name(), i));
                }
            }
        }
        return batch;
    }

    private static long number(String column, int i) {
        return switch (column) {
            case "time_ns", "from_ns" -> 1_000_000_000L + i;
            case "to_ns" -> 1_100_000_000L + i;
            case "pid", "tid", "target" -> 42;
            case "start", "address" -> start(i);
            case "end" -> start(i) + (1 << 20);
            case "stack_id", "frame_id" -> i;
            case "sample_us" -> 5000;
            case "aggr_us" -> 100_000;
            case "weight", "value", "nr_accesses", "nr_regions", "count" -> i + 1;
            default -> 0;
        };
    }

    /** The words of a command over the hostile trace; null for one that reads none. */
    private static List<Object> words(Command command) {
        List<Object> words = new ArrayList<>(List.of((Object[]) command.name().split(" ")));
        switch (command.name()) {
            case "compare", "report matrix" -> words.addAll(List.of(trace, second));
            case "sql" ->
                words.addAll(List.of(
                        trace,
                        "-c",
                        "select * from mappings",
                        "-c",
                        "select * from losses",
                        "-c",
                        "select * from frames"));
            case "simulate" -> words.addAll(List.of(trace, "--scheme", "stat access=0..0 age=1s..max"));
            case "tune" -> words.addAll(List.of(trace, "--scheme", "prcl", "--vary", "min_age=0s..1s/500ms"));
            case "top" -> words.addAll(List.of(trace, "--once"));
            case "export" -> words.addAll(List.of(trace, "--to", "perf-script"));
            case "info", "dump", "verify", "advise" -> words.add(trace);
            default -> {
                if (!command.name().startsWith("report ")) {
                    return null;
                }
                words.add(trace);
            }
        }
        return words;
    }

    /** What is tried of a command: as it is, as JSON, to every extension, and every table and format of those that choose. */
    private static List<List<Object>> lines(Command command) {
        List<List<Object>> lines = new ArrayList<>();
        List<Object> words = words(command);
        if (words == null) {
            return lines;
        }
        lines.add(words);
        if (command.hasJson()) {
            lines.add(and(words, "--json"));
        }
        if (command.options().hasLongOption("output") && command.name().startsWith("report ")
                || command.name().equals("simulate")
                || command.name().equals("tune")) {
            for (String extension : EXTENSIONS) {
                lines.add(and(words, "-o", dir.resolve("out." + extension)));
            }
        }
        if (command.options().hasLongOption("damo-compat") && command.name().startsWith("report ")) {
            lines.add(and(words, "--damo-compat"));
        }
        if (command instanceof TableReportCommand) {
            lines.add(and(words, second));
            lines.add(and(and(words, second), "-o", dir.resolve("out.csv")));
        }
        if (command.name().equals("simulate") || command.name().equals("tune")) {
            lines.add(List.of(Stream.concat(
                            Stream.of(command.name(), trace, second),
                            words.stream().skip(2))
                    .toArray()));
        }
        if (command.name().equals("tune")) {
            lines.add(and(words, "--test", second));
        }
        if (command.name().equals("sql")) {
            lines.add(and(words, "--csv"));
        }
        for (Table table :
                command.name().equals("dump") || command.name().equals("export") ? Table.values() : new Table[0]) {
            if (command.name().equals("dump")) {
                lines.add(and(words, "--table", table.fileStem()));
                lines.add(and(words, "--table", table.fileStem(), "--json"));
            } else {
                lines.add(List.of("export", trace, "--to", "csv", "--table", table.fileStem()));
                lines.add(List.of("export", trace, "--to", "jsonl", "--table", table.fileStem()));
            }
        }
        if (command.name().equals("export")) {
            for (String format : command.options().getOption("to").getArgName().split("\\|")) {
                lines.add(List.of("export", trace, "--to", format));
            }
        }
        return lines;
    }

    private static List<Object> and(List<Object> words, Object... more) {
        List<Object> all = new ArrayList<>(words);
        all.addAll(List.of(more));
        return all;
    }

    @Test
    void everyFormOfEveryCommandIsWhatItSaysAndHarmless() throws Exception {
        Map<String, Integer> tried = new TreeMap<>();
        List<String> bad = new ArrayList<>();
        for (Command command : Commands.visible()) {
            for (List<Object> line : lines(command)) {
                String place = String.join(
                                " ", line.stream().map(String::valueOf).toList())
                        .replaceAll("[^ -~]", "?");
                try {
                    check(line);
                    tried.merge(command.name(), 1, Integer::sum);
                } catch (AssertionError | IOException | org.xml.sax.SAXException e) {
                    bad.add(place + "\n    " + e.getMessage());
                }
            }
        }
        assertTrue(bad.isEmpty(), bad.size() + " forms:\n" + String.join("\n", bad));
        List<String> reports = new ArrayList<>(Commands.members("report"));
        reports.removeIf(name -> tried.getOrDefault("report " + name, 0) >= 2 + EXTENSIONS.size() - 1);
        assertEquals(List.of(), reports, () -> "reports of which no form was tried: " + tried);
    }

    private static void check(List<Object> line) throws Exception {
        Path file = line.contains("-o") ? (Path) line.get(line.size() - 1) : null;
        if (file != null) {
            Files.deleteIfExists(file);
        }
        for (boolean terminal : file == null ? new boolean[] {false, true} : new boolean[] {false}) {
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            ByteArrayOutputStream err = new ByteArrayOutputStream();
            // Standard error is none: a slow machine shows progress there, which is redrawn in place.
            Console console = new Console(
                    out, err, new ByteArrayInputStream(new byte[0]), Map.of("TERM", "xterm"), terminal, false);
            int exit = Cli.run(line.stream().map(String::valueOf).toArray(String[]::new), console);
            String said = err.toString(StandardCharsets.UTF_8);
            assertFalse(said.contains("internal error") || said.contains("\tat "), said);
            assertFalse(ACTED_ON.matcher(said).find(), "on stderr: " + shown(around(said)));
            if (exit == ExitCode.USAGE && said.contains("the name must end in")
                    || exit == ExitCode.USAGE && terminal && said.contains("is binary")) {
                return;
            }
            assertTrue(
                    Set.of(ExitCode.OK, ExitCode.FINDINGS, ExitCode.PARTIAL).contains(exit),
                    "exit " + exit + ": " + shown(said));
            String text = out.toString(StandardCharsets.UTF_8);
            if (terminal) {
                String left = COLOUR.matcher(text).replaceAll("");
                assertFalse(ACTED_ON.matcher(left).find(), "on a terminal: " + shown(around(left)));
            } else if (file == null) {
                wellFormed(formOf(line), out.toByteArray());
            }
        }
        if (file != null) {
            String name = file.getFileName().toString();
            wellFormed(name.substring(name.lastIndexOf('.') + 1), Files.readAllBytes(file));
        }
    }

    private static String formOf(List<Object> line) {
        return line.stream().anyMatch(JSON_FORMS::contains)
                ? "json"
                : line.stream().anyMatch(BINARY_FORMS::contains)
                        ? "binary"
                        : line.contains("--damo-compat")
                                ? "raw"
                                : line.contains("--csv") && line.contains("sql")
                                        ? "several"
                                        : line.get(0).equals("dump") || line.contains("csv") ? "csv" : "txt";
    }

    private static String around(String text) {
        var match = ACTED_ON.matcher(text);
        return match.find()
                ? text.substring(Math.max(0, match.start() - 60), Math.min(text.length(), match.end() + 20))
                : "";
    }

    private static String shown(String text) {
        StringBuilder b = new StringBuilder();
        text.codePoints().forEach(c -> b.append(c >= ' ' && c <= '~' ? Character.toString(c) : "\\u%04x".formatted(c)));
        return b.length() > 500 ? b.substring(0, 500) + "..." : b.toString();
    }

    private static void wellFormed(String form, byte[] bytes) throws Exception {
        switch (form) {
            case "csv" -> csv(utf8(bytes));
            case "several" -> assertTrue(csvCells(utf8(bytes)).size() > 3 * TEXTS.size());
            case "json" -> {
                try (var values = JSON.readerFor(JsonNode.class).<JsonNode>readValues(bytes)) {
                    values.readAll();
                }
            }
            case "svg" -> svg(bytes);
            case "binary" -> assertTrue(bytes.length > 0);
            case "pdf" -> {
                try (PDDocument pdf = Loader.loadPDF(bytes)) {
                    assertTrue(pdf.getNumberOfPages() > 0, "no page");
                    assertEquals(null, pdf.getDocumentCatalog().getOpenAction());
                }
            }
            case "png" ->
                assertEquals(0x89504e47, java.nio.ByteBuffer.wrap(bytes).getInt());
            default ->
                assertFalse(
                        FORGED_LINE.matcher(utf8(bytes)).find(),
                        () -> "a name begins a line: " + shown(new String(bytes, StandardCharsets.UTF_8)));
        }
    }

    private static String utf8(byte[] bytes) throws CharacterCodingException {
        return StandardCharsets.UTF_8
                .newDecoder()
                .decode(java.nio.ByteBuffer.wrap(bytes))
                .toString();
    }

    private static void svg(byte[] bytes) throws Exception {
        DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
        factory.setFeature(XMLConstants.FEATURE_SECURE_PROCESSING, true);
        factory.setFeature("http://apache.org/xml/features/nonvalidating/load-external-dtd", false);
        factory.setNamespaceAware(true);
        var builder = factory.newDocumentBuilder();
        builder.setErrorHandler(null);
        var all = builder.parse(new ByteArrayInputStream(bytes)).getElementsByTagName("*");
        for (int i = 0; i < all.getLength(); i++) {
            var element = all.item(i);
            assertFalse(
                    List.of("script", "a", "foreignObject").contains(element.getLocalName()), element.getNodeName());
            for (int a = 0; a < element.getAttributes().getLength(); a++) {
                assertFalse(element.getAttributes().item(a).getNodeName().startsWith("on"), element.getNodeName());
            }
        }
    }

    /** RFC 4180: as many cells in each line as in the first. */
    private static void csv(String text) {
        List<List<String>> lines = csvCells(text);
        for (List<String> line : lines) {
            assertEquals(lines.get(0).size(), line.size(), () -> shown(String.join("|", line)));
        }
    }

    private static List<List<String>> csvCells(String text) {
        List<List<String>> lines = new ArrayList<>();
        List<String> line = new ArrayList<>();
        StringBuilder cell = new StringBuilder();
        boolean quoted = false;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (quoted && c == '"' && i + 1 < text.length() && text.charAt(i + 1) == '"') {
                cell.append(c);
                i++;
            } else if (c == '"') {
                quoted = !quoted;
            } else if (!quoted && (c == ',' || c == '\n')) {
                line.add(cell.toString());
                cell.setLength(0);
                if (c == '\n') {
                    lines.add(line);
                    line = new ArrayList<>();
                }
            } else {
                cell.append(c);
            }
        }
        assertFalse(quoted, "a quote that is not closed");
        assertTrue(cell.isEmpty() && line.isEmpty(), "the last line is not ended");
        for (List<String> cells : lines) {
            for (String value : cells) {
                assertFalse(
                        FORMULA.matcher(value).matches()
                                && !NUMBER.matcher(value).matches(),
                        () -> "a formula: " + shown(value));
            }
        }
        return lines;
    }
}
