package org.damson.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The figures of the page of {@code report html} are those of the single reports (docs/FIGURES.md). */
final class PageFiguresTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String SCHEME = "pageout access=0..0 age=1s..max";

    @TempDir
    Path dir;

    private Path trace;

    private String html;

    private CliRun run(String... words) {
        List<Object> all = new ArrayList<>(List.of((Object[]) words));
        all.add(trace);
        return CliRun.of(all.toArray()).expectAnswer();
    }

    private JsonNode json(String... words) throws IOException {
        String[] all = Arrays.copyOf(words, words.length + 1);
        all[words.length] = "--json";
        return JSON.readTree(run(all).out());
    }

    private String data(String id) {
        Matcher m = Pattern.compile("(?s)<script [^>]*id=\"data-" + id + "\">(.*?)</script>")
                .matcher(html);
        assertTrue(m.find(), id);
        return m.group(1);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "zigzag-damo/damon.data",
                "stairs/tracefs.txt.gz",
                "java-hot/hot.damson",
                "golden/stairs-1.damson.zip"
            })
    void aPageHasTheFiguresOfTheReports(String recording) throws IOException {
        trace = CliRun.testdata().resolve(recording);
        Path file = dir.resolve("page.html");
        run("report", "html", "--scheme", SCHEME, "-o", file.toString());
        html = Files.readString(file);
        JsonNode page = JSON.readTree(data("meta"));
        facts(page);
        workingSet(page.path("workingSet"));
        memory(page);
        phases(page.path("phases"));
        curves(page.path("curves"));
        whatIf(page.path("whatIf"));
    }

    private void facts(JsonNode page) throws IOException {
        JsonNode info = json("info");
        assertEquals(info.path("duration_ns").asDouble(), page.path("lengthNs").asDouble(), "length");
        assertEquals(info.path("start_ns").asLong() / 1e9, page.path("startS").asDouble(), "start");
        String text = run("info").out();
        for (JsonNode fact : page.path("facts")) {
            String name = fact.path(0).asText();
            if (List.of("Snapshots", "Regions", "Intervals", "Clock").contains(name)) {
                assertTrue(text.contains(fact.path(1).asText()), fact + "\n" + text);
            }
        }
    }

    private void workingSet(JsonNode found) throws IOException {
        JsonNode total = json("report", "wss").path("total");
        assertEquals(total.path("snapshots").asLong(), found.path("snapshots").asLong());
        assertEquals(total.path("mean_bytes").asDouble(), found.path("mean").asDouble(), 0.5, "mean");
        assertEquals(
                total.path("by_size").path("50").asLong(), found.path("median").asLong(), "median");
        assertEquals(
                total.path("by_size").path("100").asLong(), found.path("most").asLong(), "most");
        if (found.path("points").asLong() != found.path("snapshots").asLong()) {
            return;
        }
        Path csv = dir.resolve("wss.csv");
        run("report", "wss", "--force", "-o", csv.toString());
        List<String> lines = Files.readAllLines(csv);
        ByteBuffer sizes = ByteBuffer.wrap(
                        Base64.getMimeDecoder().decode(data("wss-mean").trim()))
                .order(ByteOrder.LITTLE_ENDIAN);
        int n = found.path("points").asInt();
        for (int i = 0; i < n; i++) {
            String line = lines.get(lines.size() - n + i);
            double size = Double.parseDouble(line.substring(line.lastIndexOf(',') + 1));
            assertEquals(size, sizes.getDouble(), 0.5, line);
        }
    }

    /** Every area is on the page's axis, on which close areas are one, or counted as left out. */
    private void memory(JsonNode page) throws IOException {
        int without = 0;
        for (JsonNode target : json("report", "guide").path("targets")) {
            int number = JSON.convertValue(page.path("targets"), List.class)
                    .indexOf(target.path("label").asText());
            assertTrue(number >= 0, target.path("label") + " of " + page.path("targets"));
            for (JsonNode area : target.path("areas")) {
                long start = Long.decode(area.path("start").asText());
                boolean isShown = false;
                for (JsonNode lane : page.path("lanes")) {
                    long from = Long.parseLong(lane.path("start").asText(), 16);
                    isShown |= lane.path("target").asInt() == number
                            && start >= from
                            && start < from + lane.path("bytes").asLong();
                }
                without += isShown ? 0 : 1;
            }
        }
        assertEquals(page.path("leftOut").asText().isEmpty(), without == 0, page.path("leftOut") + ", " + without);
    }

    private void phases(JsonNode found) throws IOException {
        JsonNode wanted = json("report", "phases").path("phases");
        assertEquals(wanted.size(), found.size());
        for (int i = 0; i < wanted.size(); i++) {
            JsonNode w = wanted.get(i);
            JsonNode f = found.get(i);
            assertEquals(w.path("start_ns").asDouble(), f.path("fromNs").asDouble(), w.toString());
            assertEquals(w.path("end_ns").asDouble(), f.path("toNs").asDouble(), w.toString());
            assertEquals(
                    w.path("working_set_bytes").asDouble(), f.path("workingSet").asDouble(), 0.5, w.toString());
            assertEquals(w.path("hot_bytes").asDouble(), f.path("hot").asDouble(), 0.5, w.toString());
            assertEquals(
                    w.path("hottest_percent").asDouble(),
                    f.path("hottestPercent").asDouble(),
                    1e-9,
                    w.toString());
        }
    }

    private void curves(JsonNode found) throws IOException {
        Map<Long, JsonNode> wanted = new HashMap<>();
        JsonNode report = json("report", "curves");
        assertEquals(report.path("notes"), found.path("notes"));
        report.path("points").forEach(p -> wanted.put(p.path("min_age_us").asLong(), p));
        String[] columns = {
            "cold_bytes", "cold_bytes_max", "back_bytes_per_s_min", "back_bytes_per_s", "back_bytes_per_s_max"
        };
        int same = 0;
        for (JsonNode p : found.path("points")) {
            JsonNode w = wanted.get(Math.round(p.path(0).asDouble() * 1e6));
            if (w == null) {
                continue;
            }
            for (int c = 0; c < columns.length; c++) {
                assertEquals(w.path(columns[c]).asDouble(), p.path(c + 1).asDouble(), 0.5, columns[c] + ": " + w);
            }
            same++;
        }
        assertTrue(same >= 3, same + " of " + found);
    }

    private void whatIf(JsonNode found) throws IOException {
        List<String> text = new ArrayList<>();
        found.path("text").forEach(l -> text.add(l.asText()));
        assertEquals(run("simulate", "--scheme", SCHEME).out().lines().toList(), text);
        JsonNode outcome = json("simulate", "--scheme", SCHEME).path("outcome");
        assertEquals(
                outcome.path("out_bytes_mean").asDouble(),
                found.path("savedLikely").asDouble(),
                0.5,
                outcome.toString());
    }
}
