package org.damson.cli.whatif;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.damson.cli.CliRun;
import org.damson.cli.command.ExitCode;
import org.damson.model.Batch;
import org.damson.model.Manifest;
import org.damson.model.MonitoringAttrs;
import org.damson.model.Snapshot;
import org.damson.model.Table;
import org.damson.model.TraceSink;
import org.damson.trace.Traces;
import org.damson.trace.WriterOptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The page as bytes; {@link PageBrowserIT} opens it. */
final class HtmlCommandTest {
    private static final Pattern SCRIPT = Pattern.compile("(?s)<script( [^>]*)?>(.*?)</script>");

    @TempDir
    Path dir;

    private Path page(Object trace, Object... more) {
        Path page = dir.resolve("page" + more.length + ".html");
        List<Object> words = new ArrayList<>(List.of("report", "html", trace, "-o", page, "--force"));
        words.addAll(List.of(more));
        CliRun run = CliRun.of(words.toArray());
        run.expect(run.err().contains("lost: ") ? ExitCode.PARTIAL : ExitCode.OK);
        return page;
    }

    private static JsonNode meta(Path page) throws IOException {
        Matcher m = Pattern.compile("(?s)<script type=\"application/json\" id=\"data-meta\">(.*?)</script>")
                .matcher(Files.readString(page));
        assertTrue(m.find());
        return new ObjectMapper().readTree(m.group(1));
    }

    private static String sha256(String text) throws Exception {
        return "'sha256-"
                + Base64.getEncoder()
                        .encodeToString(
                                MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)))
                + "'";
    }

    @Test
    void theSameTraceIsTheSamePage() throws Exception {
        Path zigzag = CliRun.testdata().resolve("zigzag-damo/damon.data");
        byte[] first = Files.readAllBytes(page(zigzag, "--scheme", "prcl"));
        byte[] second = Files.readAllBytes(page(zigzag, "--scheme", "prcl"));
        assertArrayEquals(first, second);
        JsonNode meta = meta(page(zigzag, "--scheme", "prcl"));
        assertEquals("damon.data", meta.path("title").asText());
        assertFalse(meta.toString()
                .contains(CliRun.testdata().toAbsolutePath().normalize().toString()));
    }

    /** The policy names the digests of the scripts and the style that are there, and nothing else may load or run. */
    @Test
    void thePolicyAllowsWhatIsThereAndNothingElse() throws Exception {
        String html = Files.readString(page(HostileTrace.write(dir)));
        Matcher policy = Pattern.compile("Content-Security-Policy\" content=\"([^\"]*)\"")
                .matcher(html);
        assertTrue(policy.find());
        List<String> wanted = new ArrayList<>();
        int data = 0;
        Matcher script = SCRIPT.matcher(html);
        while (script.find()) {
            if (script.group(1) == null) {
                wanted.add(sha256(script.group(2)));
            } else {
                assertTrue(script.group(1).matches(" type=\"(text/plain|application/json)\" id=\"data-[a-z0-9-]+\""));
                data++;
            }
        }
        assertEquals(2, wanted.size());
        assertTrue(data > 5, data + " blocks");
        Matcher style = Pattern.compile("(?s)<style>(.*?)</style>").matcher(html);
        assertTrue(style.find());
        assertEquals(
                "default-src 'none'; script-src " + String.join(" ", wanted) + "; style-src " + sha256(style.group(1))
                        + "; base-uri 'none'; form-action 'none'",
                policy.group(1));
        assertTrue(policy.end() < html.indexOf("<title>"), "it holds from the start");
        assertFalse(Pattern.compile("(?i)<(link|iframe|object|embed|base|img|form)\\b")
                .matcher(html)
                .find());
        assertFalse(Pattern.compile("(?i)<[a-z][^>]* on[a-z]+=")
                .matcher(SCRIPT.matcher(html).replaceAll(""))
                .find());
    }

    /** A name is given back as it is, harmless; of the page's bytes it is neither markup nor anything but ASCII. */
    @Test
    void namesOfStrangersAreDataAlone() throws Exception {
        Path page = page(HostileTrace.write(dir));
        String html = Files.readString(page);
        Matcher blocks =
                Pattern.compile("(?s)<script type=[^>]*>(.*?)</script>").matcher(html);
        while (blocks.find()) {
            assertTrue(blocks.group(1).chars().allMatch(c -> c >= ' ' && c < 0x7f && "<>&'".indexOf(c) < 0));
        }
        String title = html.substring(html.indexOf("<title>") + 7, html.indexOf("</title>"));
        assertEquals("&#60;b&#62;hostile&#60;i&#62;.damson", title);
        JsonNode meta = meta(page);
        List<String> names = new ArrayList<>();
        meta.path("stacks").path("names").forEach(n -> names.add(n.asText()));
        String all = String.join("\n", names);
        assertTrue(all.contains("<img src=x onerror=owned=1>"), all);
        assertTrue(all.contains("@@SCRIPT@@ @@META@@"), all);
        assertFalse(all.chars().anyMatch(c -> c == 0x1b || c == 0x202e || c == 0x2066 || c == 0x2028), all);
        JsonNode touch = meta.path("stacks").path("touches").get(1);
        assertEquals(
                HostileTrace.NAMES.size(), meta.path("stacks").path("touches").size());
        assertEquals("1101000", touch.get(1).asText(), "16 MiB and 1 MiB and a page");
        assertEquals(1e8, touch.get(2).asDouble());
        assertEquals(
                HostileTrace.NAMES.size(),
                meta.path("stacks").path("count").asInt(),
                "they are no samples of what ran");
        // What the template means by its marks is not looked for in what was put in their places.
        assertEquals(html.indexOf("</html>"), html.lastIndexOf("</html>"));
    }

    /** The phases of the page, and what ran most in each, are those of the report. */
    @Test
    void phasesAreThoseOfReportTimeline() throws Exception {
        Path perf = CliRun.testdata().resolve("stairs-perf");
        Path trace = dir.resolve("stairs.damson");
        CliRun.of("merge", perf.resolve("cpu.perf.script.gz"), perf.resolve("damon.perf.script.gz"), "-o", trace)
                .expect(ExitCode.OK);
        JsonNode report = new ObjectMapper()
                .readTree(CliRun.of("report", "timeline", trace, "--json")
                        .expect(ExitCode.OK)
                        .out());
        JsonNode shown = meta(page(trace)).path("phases");
        assertTrue(shown.size() >= 10, shown.size() + " phases");
        assertEquals(report.path("phases").size(), shown.size());
        for (int i = 0; i < shown.size(); i++) {
            JsonNode expected = report.path("phases").get(i);
            JsonNode phase = shown.get(i);
            double lengthNs = expected.path("end_ns").asDouble()
                    - expected.path("start_ns").asDouble();
            assertEquals(
                    lengthNs,
                    phase.path("toNs").asDouble() - phase.path("fromNs").asDouble(),
                    1);
            assertEquals(
                    expected.path("working_set_bytes").asDouble(),
                    phase.path("workingSet").asDouble(),
                    1);
            assertEquals(
                    expected.path("hottest").asText(), phase.path("hottest").asText());
            List<String> functions = new ArrayList<>();
            for (JsonNode f : report.path("functions")) {
                if (f.path("phase").asInt() == i + 1 && functions.size() < 3) {
                    functions.add(f.path("function").asText() + " "
                            + Math.round(f.path("self_percent").asDouble()));
                }
            }
            List<String> ran = new ArrayList<>();
            phase.path("functions")
                    .forEach(f -> ran.add(
                            f.get(0).asText() + " " + Math.round(f.get(1).asDouble())));
            assertEquals(functions, ran);
        }
    }

    @Test
    void saysWhatIsKnownAndWhatIsNot() throws Exception {
        JsonNode meta = meta(page(CliRun.testdata().resolve("java-hot/hot.damson")));
        assertTrue(
                meta.path("facts").toString().contains("Distortion"),
                meta.path("facts").toString());
        assertTrue(meta.path("mappings").path("rows").size() > 3);
        assertTrue(meta.path("stacks").isMissingNode());
        assertTrue(meta.path("licences").toString().contains("MIT"));
        meta = meta(page(CliRun.testdata().resolve("stairs-perf/damon.perf.script.gz")));
        assertTrue(
                meta.path("notes").toString().contains("assumed"),
                meta.path("notes").toString());
        CliRun.of("report", "html", CliRun.testdata().resolve("stairs/tracefs.txt.gz"), "--kernel", "6.12")
                .expect(ExitCode.USAGE);
    }

    /** However often something was lost, all of it is on the page: what is too near to be told apart is added up. */
    @Test
    void everyLossIsOnThePage() throws Exception {
        Path lossy = dir.resolve("lossy.damson");
        Manifest manifest = new Manifest();
        manifest.source = "import:text";
        try (TraceSink sink = Traces.create(lossy, manifest, WriterOptions.BATCH)) {
            Batch frames = new Batch(Table.FRAMES);
            frames.add(1, "main", "/bin/app", "aabb", 0, "");
            Batch stacks = new Batch(Table.STACKS);
            stacks.add(1, 0, 1);
            Batch samples = new Batch(Table.SAMPLES);
            Batch losses = new Batch(Table.LOSSES);
            for (long i = 0; i < 3000; i++) {
                samples.add(i * 1_000_000, 1, 1, 0, "cpu-clock", 0, 1_000_000, 1);
                losses.add(i * 1_000_000, i * 1_000_000 + 10, "stacks", 2, "records: the ring was full");
                if (i % 1500 == 7) {
                    losses.add(i * 1_000_000, i * 1_000_000 + 10, "stacks", -1, "held back");
                }
            }
            sink.append(frames);
            sink.append(stacks);
            sink.append(samples);
            sink.append(losses);
        }
        JsonNode meta = meta(page(lossy));
        long lost = 0;
        List<String> heldBack = new ArrayList<>();
        for (JsonNode loss : meta.path("losses")) {
            Matcher m = Pattern.compile("stacks: (\\d+) records: the ring was full(, \\d+ times)?")
                    .matcher(loss.get(2).asText());
            if (m.matches()) {
                lost += Long.parseLong(m.group(1));
            } else {
                heldBack.add(
                        loss.get(0).asLong() / 1_000_000 + " " + loss.get(2).asText());
            }
        }
        assertEquals(6000, lost);
        assertEquals(
                List.of("7 stacks: an unknown number of held back", "1507 stacks: an unknown number of held back"),
                heldBack);
        assertTrue(meta.path("losses").size() < 200, meta.path("losses").size() + " losses");
    }

    /** What a scheme takes away on the page is what simulate says. */
    @Test
    void theWhatIfIsWhatSimulateSays() throws Exception {
        Path trace = CliRun.testdata().resolve("zigzag-damo/damon.data");
        String scheme = "pageout access=0..0 age=1s..max";
        JsonNode simulated = new ObjectMapper()
                .readTree(CliRun.of("simulate", trace, "--scheme", scheme, "--json")
                        .expect(ExitCode.OK)
                        .out());
        Path page = page(trace, "--scheme", scheme);
        JsonNode shown = meta(page).path("whatIf");
        assertTrue(shown.path("savedLikely").asDouble() > 1 << 20, shown.toString());
        JsonNode outcome = simulated.findParent("out_bytes_mean");
        assertEquals(
                outcome.path("out_bytes_mean").asDouble(),
                shown.path("savedLikely").asDouble(),
                1);
        assertEquals(
                outcome.path("out_bytes_mean_min").asDouble(),
                shown.path("savedLeast").asDouble(),
                1);
        assertEquals(
                outcome.path("out_bytes_mean_max").asDouble(),
                shown.path("savedMost").asDouble(),
                1);
        // What is drawn into the heatmap is as much: shares of cells, times their bytes.
        assertEquals(
                shown.path("savedLikely").asDouble(),
                drawnOut(page),
                0.05 * shown.path("savedLikely").asDouble());
    }

    private static double drawnOut(Path page) throws IOException {
        JsonNode meta = meta(page);
        Matcher m = Pattern.compile("id=\"data-out\">(.*?)</script>").matcher(Files.readString(page));
        assertTrue(m.find());
        byte[] cells = unpacked(Base64.getDecoder().decode(m.group(1)));
        int level = meta.path("whatIf").path("level").asInt();
        int rows = meta.path("heat").path("rows").asInt() >> level;
        int cols = meta.path("heat").path("cols").asInt() >> level;
        assertEquals(rows * cols, cells.length);
        double sum = 0;
        for (JsonNode lane : meta.path("lanes")) {
            double perCell = lane.path("bytes").asDouble() / lane.path("rows").asInt() * (1 << level);
            for (int r = lane.path("row").asInt() >> level;
                    r < lane.path("row").asInt() + lane.path("rows").asInt() >> level;
                    r++) {
                for (int c = 0; c < cols; c++) {
                    int code = cells[c * rows + r] & 0xff;
                    sum += code == 0 ? 0 : perCell * Math.pow(10, ((code - 1) / 253.0 - 1) * 5);
                }
            }
        }
        double cellNs = meta.path("heat").path("colNs").asDouble() * (1 << level);
        return sum * cellNs / meta.path("lengthNs").asDouble();
    }

    /** As the page's script undoes runs. */
    private static byte[] unpacked(byte[] packed) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (int i = 0; i < packed.length; ) {
            int n = packed[i++] & 0xff;
            for (int k = 0; k < (n < 128 ? n + 1 : n - 126); k++) {
                out.write(packed[n < 128 ? i + k : i]);
            }
            i += n < 128 ? n + 1 : 1;
        }
        return out.toByteArray();
    }

    /** 1,000 snapshots of 1,000 random regions, and 60,000 stacks of which no two are the same, with long names. */
    @Test
    void thePageStaysSmallWhateverTheTrace() throws Exception {
        Random random = new Random(5);
        Path trace = dir.resolve("large.damson");
        Manifest manifest = new Manifest();
        manifest.source = "import:text";
        manifest.attrs =
                new MonitoringAttrs(5000, 100_000, 1_000_000, 10, 1000, MonitoringAttrs.IntervalsOrigin.RECORDED);
        try (TraceSink sink = Traces.create(trace, manifest, WriterOptions.BATCH)) {
            Snapshot s = new Snapshot();
            for (int i = 0; i < 1000; i++) {
                s.clear();
                s.startNs = i * 100_000_000L;
                s.endNs = s.startNs + 100_000_000L;
                s.sampleUs = 5000;
                s.aggrUs = 100_000;
                for (int r = 0; r < 1000; r++) {
                    s.add((r + 1L) << 20, (r + 2L) << 20, random.nextInt(21), -1);
                }
                sink.append(s);
            }
            String pad = "\u4e16".repeat(400);
            Batch frames = new Batch(Table.FRAMES);
            Batch stacks = new Batch(Table.STACKS);
            Batch samples = new Batch(Table.SAMPLES);
            for (int i = 0; i < 60_000; i++) {
                frames.add(i, i + pad, "", "", 0);
                for (int d = 0; d < 8; d++) {
                    stacks.add(i, d, random.nextInt(60_000));
                }
                samples.add(i * 1_600_000L, 1, 1, 0, "cpu-clock", 0, 1, i);
            }
            sink.append(frames);
            sink.append(stacks);
            sink.append(samples);
        }
        Path page = page(trace);
        assertTrue(Files.size(page) < 15_000_000, Files.size(page) + " bytes");
        JsonNode stacks = meta(page).path("stacks");
        assertEquals(60_000, stacks.path("count").asInt());
        assertTrue(stacks.path("rare").asInt() > 50_000, stacks.path("rare").asText());
    }

    @Test
    void partsAndBundlesHavePagesToo() throws Exception {
        Path zigzag = CliRun.testdata().resolve("zigzag-damo/damon.data");
        Path slice = dir.resolve("slice.damson");
        CliRun.of("slice", zigzag, "--time", "2s..6s", "-o", slice).expect(ExitCode.OK);
        assertEquals(4e9, meta(page(slice)).path("lengthNs").asDouble(), 0.3e9);
        assertEquals(
                2.2e9, meta(page(zigzag, "--time", "1s..3s")).path("lengthNs").asDouble(), 0.3e9);
        for (String how : List.of("--redact", "--redact=strict")) {
            Path bundle = dir.resolve("b" + how + ".zip");
            CliRun.of("bundle", slice, how, "-o", bundle).expect(ExitCode.OK);
            assertTrue(meta(page(bundle)).path("workingSet").path("mean").asDouble() > 1 << 20);
        }
    }
}
