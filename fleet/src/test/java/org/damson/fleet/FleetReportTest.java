package org.damson.fleet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.damson.cli.command.ExitCode;
import org.damson.model.Manifest;
import org.damson.model.ManifestKey;
import org.damson.model.TraceSink;
import org.damson.model.TraceSource;
import org.damson.model.text.NativeText;
import org.damson.trace.Manifests;
import org.damson.trace.Traces;
import org.damson.trace.WriterOptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class FleetReportTest {
    /** 2026-11-23 and a week later, 00:00 UTC. */
    private static final long WEEK_BEFORE_S = 1_795_392_000L;

    private static final long DAY_S = 1_795_996_800L;

    @TempDir
    Path dir;

    private static JsonNode json(Damson run) throws Exception {
        return new ObjectMapper().readTree(run.out());
    }

    private Path at(String service, String host, String day, String name) {
        return dir.resolve("fleet/service=" + service + "/host=" + host + "/day=" + day + "/" + name + ".damson");
    }

    /** A host of one trace has the figures that the reports on that trace have. */
    @Test
    void figuresAreThoseOfTheSingleTrace() throws Exception {
        Path one = Made.trace(at("web", "w1", "2026-11-30", "a"), Made.manifest(DAY_S), 400, 1);
        Path two = Made.trace(at("db", "d1", "2026-11-30", "b"), Made.manifest(DAY_S), 300, 2);
        JsonNode report = json(
                Damson.run("fleet", "report", dir.resolve("fleet"), "--json").expect(ExitCode.OK));
        JsonNode days = report.get("host_days");
        assertEquals(2, days.size());
        for (JsonNode row : days) {
            Path trace = row.get("service").asText().equals("web") ? one : two;
            JsonNode wss = json(Damson.run("report", "wss", trace, "--json").expect(ExitCode.OK))
                    .get("targets")
                    .get(0);
            String all = wss.toString();
            assertEquals(
                    Math.round(wss.get("mean_bytes").asDouble()),
                    row.get("wss_mean_bytes").asLong(),
                    all);
            JsonNode curves =
                    json(Damson.run("report", "curves", trace, "--json").expect(ExitCode.OK));
            assertTrue(row.get("idle_p99_ns").asLong() > 0, row.toString());
            assertEquals("2026-11-30", row.get("day").asText());
            assertFalse(curves.get("points").isEmpty());
        }
        JsonNode fleet = report.get("fleet").get(0);
        assertEquals(2, fleet.get("hosts").asLong());
        long sum = 0;
        for (JsonNode row : days) {
            sum += row.get("wss_mean_bytes").asLong();
        }
        assertEquals(sum, fleet.get("wss_total_bytes").asLong(), 2);
    }

    /** Whatever is wrong with single traces is told of each in one line, and the others count. */
    @Test
    void badTracesAreListedAndEndNothing() throws Exception {
        Made.trace(at("web", "w1", "2026-11-30", "good"), Made.manifest(DAY_S), 100, 1);
        Path labelled =
                Made.trace(at("web", "w2", "2026-11-30", "labelled"), Made.manifest(DAY_S, "service=db"), 100, 2);
        Path skewed = Made.trace(at("web", "w3", "2026-11-20", "skewed"), Made.manifest(DAY_S), 100, 3);
        Path labelledDay = Made.trace(
                dir.resolve("fleet/service=web/host=w11/ahead.damson"),
                Made.manifest(DAY_S, "day=2026-11-01"),
                100,
                12);
        Path copy = at("web", "w4", "2026-11-30", "zcopy");
        Files.createDirectories(copy.getParent());
        Path bundle = copy.resolveSibling("copy.damson.zip");
        Damson.run("bundle", labelled, "-o", bundle).expect(ExitCode.OK);
        byte[] bytes = Files.readAllBytes(bundle);
        Path cut = bundle.resolveSibling("cut.damson.zip");
        Files.write(cut, java.util.Arrays.copyOf(bytes, bytes.length / 2));
        Path newer = Made.trace(at("web", "w5", "2026-11-30", "newer"), Made.manifest(DAY_S), 20, 5);
        String manifest = Files.readString(newer.resolve("manifest.json"));
        Files.writeString(
                newer.resolve("manifest.json"),
                manifest.replaceFirst("\"format_version\"\\s*:\\s*\\d+", "\"format_version\": 99"));
        Path unborn = Files.createDirectories(at("web", "w6", "2026-11-30", "unborn"));
        Path ageless = at("web", "w7", "2026-11-30", "ageless");
        Files.createDirectories(ageless.getParent());
        try (TraceSink sink = Traces.create(ageless, Made.manifest(DAY_S), WriterOptions.BATCH)) {
            Made.append(sink, 50, 7, false);
        }
        Path empty = at("web", "w8", "2026-11-30", "empty");
        Files.createDirectories(empty.getParent());
        Traces.create(empty, new Manifest(), WriterOptions.BATCH).close();
        Path summed = Made.trace(at("web", "w10", "2026-11-30", "summed"), Made.manifest(DAY_S), 600, 11);
        Manifest wrong;
        try (TraceSource trace = Traces.open(summed)) {
            wrong = trace.manifest();
        }
        ManifestKey.SUMMED_ROWS.put(wrong, "beef");
        Files.write(summed.resolve("manifest.json"), Manifests.write(wrong));
        Path loop = dir.resolve("fleet/service=web/host=loop");
        Files.createSymbolicLink(loop, loop.getParent());
        Path recording = at("web", "w9", "2026-11-30", "recording");
        Files.createDirectories(recording.getParent());
        try (TraceSink sink = Traces.create(recording, Made.manifest(DAY_S), WriterOptions.LIVE)) {
            Made.append(sink, 30, 9, true);
            sink.flush();
            Damson run = Damson.run("fleet", "report", dir.resolve("fleet"), "--json")
                    .expect(ExitCode.PARTIAL);
            List<String> lines = run.err().lines().toList();
            assertTold(lines, labelled, "doubtful", "its label is service=db, its directory service=web");
            assertTold(lines, skewed, "doubtful", "its clock says 2026-11-30, its directory day=2026-11-20");
            assertTold(
                    lines,
                    labelledDay,
                    "doubtful",
                    "its clock says 2026-11-30, its label day=2026-11-01: counted by the label");
            assertTold(lines, bundle, "duplicate", "the same recording as " + labelled);
            assertTold(lines, cut, "left out", "");
            assertTold(lines, newer, "left out", "");
            assertTold(lines, unborn, "left out", "its recorder died before the first row");
            assertTold(lines, ageless, "doubtful", "its idle memory does not count");
            assertTold(lines, empty, "left out", "has no snapshots");
            assertTold(lines, loop, "left out", "a symbolic link");
            assertTold(lines, summed, "doubtful", "the stored sums belong to other rows; its rows are read");
            assertTold(lines, recording, "doubtful", "still being recorded");
            assertEquals(12, lines.size(), run.err());
            assertEquals(12, json(run).get("troubles").size());
            // good, labelled, those of other days, ageless, that with sums of other rows, and the one that is being
            // recorded
            assertEquals(7, json(run).get("fleet").get(0).get("traces").asLong());
            assertEquals(7, json(run).get("host_days").size());
        }
    }

    private static void assertTold(List<String> lines, Path path, String kind, String why) {
        List<String> about =
                lines.stream().filter(l -> l.startsWith(path + ": ")).toList();
        assertEquals(1, about.size(), path + " in " + lines);
        assertTrue(about.get(0).startsWith(path + ": " + kind + ": "), about.get(0));
        assertTrue(about.get(0).contains(why), about.get(0));
    }

    @Test
    void labelsWithOddCharactersStayWhatTheyAre() throws Exception {
        String odd = "a,b=\"<script>\" =1+1 é";
        Made.trace(dir.resolve("fleet/one.damson"), Made.manifest(DAY_S, "service=" + odd, "host=h1"), 50, 1);
        Path encoded = dir.resolve("fleet/service=x%3Ay/host=h%201/two.damson");
        Made.trace(encoded, Made.manifest(DAY_S), 50, 2);
        JsonNode report = json(
                Damson.run("fleet", "report", dir.resolve("fleet"), "--json").expect(ExitCode.OK));
        List<String> services = new ArrayList<>();
        report.get("services").forEach(row -> services.add(row.get("service").asText()));
        assertEquals(List.of(odd, "x:y"), services);
        Path html = dir.resolve("r.html");
        Damson.run("fleet", "report", dir.resolve("fleet"), "-o", html).expect(ExitCode.OK);
        assertFalse(Files.readString(html).contains("<script>"));
        JsonNode one = json(Damson.run("fleet", "report", dir.resolve("fleet"), "--json", "--where", "service=" + odd)
                .expect(ExitCode.OK));
        assertEquals(1, one.get("fleet").get(0).get("traces").asLong());
        Damson.run("fleet", "report", dir.resolve("fleet"), "--where", "service=none")
                .expect(ExitCode.INPUT);
    }

    /** What names a trace may be anything: no table has another line for it, no format breaks, and every trace counts. */
    @Test
    void namesOfAnyKindKeepTheirTracesApart() throws Exception {
        List<String> services = List.of(
                "a/b", "new\nline", "tab\there", "\u65e5\u672c", "\ud83d\ude00", "a=b=c", "\u202eright", "'; --");
        for (int i = 0; i < services.size(); i++) {
            Made.trace(
                    dir.resolve("fleet/labelled/" + i + ".damson"),
                    Made.manifest(DAY_S, "service=" + services.get(i), "host=h"),
                    20,
                    i);
        }
        Made.trace(
                dir.resolve("fleet/service=__HIVE_DEFAULT_PARTITION__/host=h/x.damson"), Made.manifest(DAY_S), 20, 20);
        Made.trace(dir.resolve("fleet/rack=7/service=/host=h/deep/x.damson"), Made.manifest(DAY_S), 20, 21);
        Made.trace(
                NativeText.path(
                        dir + "/fleet/service=w" + NativeText.decode(new byte[] {(byte) 0xe4}) + "/host=h/x.damson"),
                Made.manifest(DAY_S),
                20,
                22);
        Made.trace(dir.resolve("fleet/service=in/host=h/named.damson.zip/x.damson"), Made.manifest(DAY_S), 20, 23);
        Path fleet = dir.resolve("fleet");
        JsonNode report = json(Damson.run("fleet", "report", fleet, "--json").expect(ExitCode.OK));
        Set<String> found = new TreeSet<>();
        report.get("services").forEach(row -> found.add(row.get("service").asText()));
        Set<String> wanted = new TreeSet<>(services);
        wanted.addAll(List.of("-", "w\\xE4", "in"));
        assertEquals(wanted, found);
        assertEquals(12, report.get("fleet").get(0).get("traces").asLong());
        String text = Damson.run("fleet", "report", fleet).expect(ExitCode.OK).out();
        assertEquals(
                text.lines().filter(l -> l.contains("a/b")).count(),
                text.lines().filter(l -> l.contains("new line")).count(),
                text);
        assertEquals(text, text.replaceAll("[\\x00-\\x09\\x0b-\\x1f\u202e]", ""));
        Path parquet = dir.resolve("r.parquet");
        Damson.run("fleet", "report", fleet, "-o", parquet).expect(ExitCode.OK);
        JsonNode some =
                json(Damson.run("fleet", "report", fleet, "--json", "--where", "service=-", "--where", "day=2026-11-30")
                        .expect(ExitCode.OK));
        assertEquals(2, some.get("fleet").get(0).get("traces").asLong());
        Process pipe =
                new ProcessBuilder("mkfifo", fleet.resolve("pipe.damson.zip").toString()).start();
        assertEquals(0, pipe.waitFor());
        Damson piped = Damson.run("fleet", "report", fleet, "--json").expect(ExitCode.PARTIAL);
        assertTold(piped.err().lines().toList(), fleet.resolve("pipe.damson.zip"), "left out", "");
    }

    /** Three hosts a week apart: the same host is compared with itself. */
    @Test
    void theLastDayIsComparedWithAWeekBefore() throws Exception {
        for (int host = 1; host <= 3; host++) {
            Made.trace(at("web", "w" + host, "2026-11-23", "a"), Made.manifest(WEEK_BEFORE_S), 80, host);
            Made.trace(at("web", "w" + host, "2026-11-30", "a"), Made.manifest(DAY_S), 80, host + 10);
        }
        Made.trace(at("web", "w9", "2026-11-30", "a"), Made.manifest(DAY_S), 80, 99);
        // A host whose clock is years ahead, and that no directory contradicts, hides no change.
        Made.trace(
                dir.resolve("fleet/ahead.damson"),
                Made.manifest(DAY_S + 3 * 365 * 86_400L, "service=web", "host=hh"),
                80,
                100);
        JsonNode report = json(
                Damson.run("fleet", "report", dir.resolve("fleet"), "--json").expect(ExitCode.OK));
        JsonNode change = report.get("changes").get(1);
        assertEquals("web", change.get("service").asText());
        assertEquals(3, change.get("hosts").asLong());
        double[] differences = new double[3];
        for (JsonNode row : report.get("host_days")) {
            int host = row.get("host").asText().charAt(1) - '1';
            if (host < 3) {
                double sign = row.get("day").asText().equals("2026-11-30") ? 1 : -1;
                differences[host] += sign * row.get("wss_mean_bytes").asDouble();
            }
        }
        double mean = (differences[0] + differences[1] + differences[2]) / 3;
        double squares = 0;
        for (double d : differences) {
            squares += (d - mean) * (d - mean);
        }
        // Student's quantile 97.5 % of two degrees of freedom
        double half = 4.302652730 * Math.sqrt(squares / 2 / 3);
        assertEquals(mean, change.get("change_bytes").asDouble(), 2);
        assertEquals(mean - half, change.get("change_low_bytes").asDouble(), 4);
        assertEquals(mean + half, change.get("change_high_bytes").asDouble(), 4);
    }

    @Test
    void aResultThatIsThereIsRefusedAndForceReplacesIt() throws Exception {
        Path fleet = dir.resolve("fleet");
        Made.trace(at("web", "w1", "2026-11-30", "a"), Made.manifest(DAY_S), 50, 1);
        for (String name : List.of("r.csv", "r.parquet", "of {this} week, 50%41 [new] é.parquet")) {
            Path made = dir.resolve(name);
            Damson.run("fleet", "report", fleet, "-o", made).expect(ExitCode.OK);
            assertTrue(Files.exists(made), name);
            Damson refused = Damson.run("fleet", "report", fleet, "-o", made).expect(ExitCode.USAGE);
            assertTrue(refused.err().contains(made + " exists already; --force replaces it"), refused.err());
            Damson.run("fleet", "report", fleet, "-o", made, "--force").expect(ExitCode.OK);
        }
        Path mine = Files.createDirectories(dir.resolve("mine.parquet"));
        Files.writeString(mine.resolve("notes"), "kept");
        Damson.run("fleet", "report", fleet, "-o", mine, "--force").expect(ExitCode.USAGE);
        assertEquals("kept", Files.readString(mine.resolve("notes")));
    }

    @Test
    void aDirectoryThatIsNotThereIsSaidInOneLine() {
        Damson run = Damson.run("fleet", "report", dir.resolve("none")).expect(ExitCode.INPUT);
        assertEquals(1, run.err().lines().count(), run.err());
        Damson empty = Damson.run("fleet", "report", dir).expect(ExitCode.INPUT);
        assertTrue(empty.err().contains("no traces (NAME.damson) or bundles"), empty.err());
        Damson scheme = Damson.run("fleet", "report", "s3a://bucket/traces").expect(ExitCode.CAPABILITY);
        assertEquals(1, scheme.err().lines().count(), scheme.err());
        Damson master =
                Damson.run("fleet", "report", dir, "--master", "nowhere").expect(ExitCode.CAPABILITY);
        assertEquals(1, master.err().lines().count(), master.err());
    }

    /** A URI of this machine's files is a path, and names are what they are in other file systems too. */
    @Test
    void tracesAreTheSameByPathByUriAndInOtherFileSystems() throws Exception {
        Path fleet = dir.resolve("fleet");
        Made.trace(fleet.resolve("rack/host=a:b/one.damson"), Made.manifest(DAY_S), 50, 1);
        Made.trace(fleet.resolve("service=org.damson/host=h/two.damson"), Made.manifest(DAY_S), 50, 2);
        JsonNode here = json(Damson.run("fleet", "report", fleet, "--json").expect(ExitCode.OK));
        assertEquals(2, here.get("fleet").get(0).get("traces").asLong());
        assertEquals("a:b", here.get("host_days").get(0).get("host").asText());
        assertEquals("org.damson", here.get("services").get(1).get("service").asText());
        assertEquals(
                here,
                json(Damson.run("fleet", "report", "file://" + fleet, "--json").expect(ExitCode.OK)));
        Damson remote = Damson.run(
                        "fleet",
                        "report",
                        "viewfs://names/data/fleet",
                        "--json",
                        "--conf",
                        "spark.hadoop.fs.viewfs.mounttable.names.link./data=" + dir.toUri())
                .expect(ExitCode.OK);
        assertEquals(here, json(remote));
    }

    /** A file system of Hadoop's is read by copies; viewfs leads to this machine's files. */
    @Test
    void tracesOfAnotherFileSystemAreCopiedAndCount() throws Exception {
        Path one = Made.trace(at("web", "w1", "2026-11-30", "a"), Made.manifest(DAY_S), 60, 1);
        Path cut = at("web", "w2", "2026-11-30", "cut");
        Made.trace(cut, Made.manifest(DAY_S), 60, 2);
        Files.delete(cut.resolve("regions-000000.parquet"));
        // What is not whole yet has another name beside it.
        Path part = Made.trace(dir.resolve("p.damson"), Made.manifest(DAY_S), 60, 4);
        Files.move(part, one.resolveSibling("p.damson.part"), StandardCopyOption.ATOMIC_MOVE);
        Files.move(
                Made.trace(dir.resolve("b.damson"), Made.manifest(DAY_S), 60, 3),
                dir.resolve("fleet/b.damson"),
                StandardCopyOption.ATOMIC_MOVE);
        JsonNode here = json(
                Damson.run("fleet", "report", dir.resolve("fleet"), "--json").expect(ExitCode.PARTIAL));
        Damson remote = Damson.run(
                        "fleet",
                        "report",
                        "viewfs://test/data/fleet",
                        "--json",
                        "--conf",
                        "spark.hadoop.fs.viewfs.mounttable.test.link./data=" + dir.toUri())
                .expect(ExitCode.PARTIAL);
        assertEquals(here.get("host_days"), json(remote).get("host_days"));
        assertEquals(here.get("fleet"), json(remote).get("fleet"));
        assertEquals(2, here.get("fleet").get(0).get("traces").asLong());
        assertTrue(remote.err().contains("viewfs://test/data/fleet/service=web/host=w2"), remote.err());
        assertTrue(Files.exists(one));
    }
}
