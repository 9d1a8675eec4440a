package org.damson.exchange;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPInputStream;
import org.damson.exchange.build.ImportOptions;
import org.damson.exchange.build.ImportReport;
import org.damson.model.ColumnType;
import org.damson.model.Table;
import org.damson.model.TraceSource;
import org.damson.trace.Traces;
import org.damson.trace.WriterOptions;
import org.junit.jupiter.api.io.TempDir;

/** Imports one recording and looks at what it gave. */
abstract class ReportedRecordings {
    static final Path READERS = Path.of("..", "testdata", "readers");

    @TempDir
    Path dir;

    ImportReport report;
    Path trace;
    int traces;

    void imported(byte[] recording) throws IOException {
        trace = dir.resolve(traces++ + ".damson");
        report = Importers.importStream(
                "input",
                new ByteArrayInputStream(recording),
                ImportOptions.NONE,
                m -> Traces.create(trace, m, WriterOptions.BATCH));
        assertEquals(List.of(), Traces.verify(trace).findings());
    }

    void imported(String text) throws IOException {
        imported(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    static byte[] recording(String name) throws IOException {
        Path file = READERS.resolve(name);
        try (InputStream in = Files.newInputStream(file);
                InputStream plain = name.endsWith(".gz") ? new GZIPInputStream(in) : in) {
            return plain.readAllBytes();
        }
    }

    static String text(String name) throws IOException {
        return new String(recording(name), StandardCharsets.ISO_8859_1);
    }

    List<String> rows(Table table) throws IOException {
        List<String> rows = new ArrayList<>();
        try (TraceSource source = Traces.open(trace)) {
            source.forEachRow(table, (b, r) -> {
                StringBuilder row = new StringBuilder();
                for (int c = 0; c < table.columns().size(); c++) {
                    if (b.isPresent(c)) {
                        boolean text = table.columns().get(c).type() == ColumnType.STRING;
                        row.append(row.isEmpty() ? "" : "|").append(text ? b.text(c, r) : String.valueOf(b.get(c, r)));
                    }
                }
                rows.add(row.toString());
            });
        }
        return rows;
    }

    boolean noted(String words) {
        return report.notes().stream().anyMatch(n -> n.contains(words));
    }
}
