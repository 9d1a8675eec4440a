package org.damson.cli.replay;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;
import org.damson.cli.CliRun;
import org.damson.cli.command.ExitCode;
import org.damson.model.InvalidInputException;
import org.damson.model.TraceFormatException;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Capsules of stairs, recorded by a model of DAMON, so that no verdict depends on this machine: plans are played in the model too.
 */
final class CapsuleTest {
    @TempDir
    static Path dir;

    private static Path capsule;
    private static String plan;
    private static String statistics;

    @BeforeAll
    static void makeACapsuleOfStairs() throws IOException {
        Path config = Path.of("..", "native", "configs", "stairs.cfg");
        for (int seed = 1; seed <= 3; seed++) {
            CliRun.of("simulate", "--truth", config, "--record", dir.resolve(seed + ".damson"), "--seed", seed)
                    .expect(ExitCode.OK);
        }
        capsule = dir.resolve("stairs.damson.zip");
        CliRun run = CliRun.of(
                        "capsule",
                        dir.resolve("1.damson"),
                        dir.resolve("2.damson"),
                        dir.resolve("3.damson"),
                        "-o",
                        capsule)
                .expect(ExitCode.OK);
        assertTrue(run.out().contains("recorded by DAMON, samples of 5 ms, aggregation 100 ms"), run.out());
        plan = entry(capsule, "plan");
        statistics = entry(capsule, "statistics");
    }

    private static String entry(Path zip, String name) throws IOException {
        try (ZipFile file = new ZipFile(zip.toFile())) {
            return new String(file.getInputStream(file.getEntry(name)).readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    /** What DAMON would record of a plan. */
    private static Path played(String name, String text, Object... options) throws IOException {
        Path file = Files.writeString(dir.resolve(name + ".plan"), text);
        Path trace = dir.resolve(name + ".damson");
        Object[] words = {"simulate", "--truth", file, "--record", trace, "--seed", 9};
        Object[] all = Arrays.copyOf(words, words.length + options.length);
        System.arraycopy(options, 0, all, words.length, options.length);
        CliRun.of(all).expect(ExitCode.OK);
        return trace;
    }

    @Test
    void ofSeveralProcessesEachIsJudgedByItsOwn() {
        Path recording = Path.of("../testdata/damo/recordings/several-targets.damo");
        Path zip = dir.resolve("several.zip");
        CliRun.of("capsule", recording, "-o", zip).expectAnswer();
        CliRun.of("replay", zip, "--check", "--recorded", recording).expectAnswer();
    }

    @Test
    void saysThatARecordingOfOtherMemoryIsNoneOfThePlan() {
        // Pages of physical memory that no process can have: the plan moves them.
        Path recording = Path.of("../testdata/damo/recordings/pages.damo");
        Path zip = dir.resolve("pages.zip");
        CliRun.of("capsule", recording, "-o", zip).expectAnswer();
        CliRun run = CliRun.of("replay", zip, "--check", "--recorded", recording);
        assertEquals(1, run.exit(), run.err());
        assertTrue(run.out().contains("no access of the recording lies in the memory that the plan plays"), run.out());
    }

    private static CliRun check(Path zip, Path recorded) {
        return CliRun.of("replay", zip, "--check", "--recorded", recorded);
    }

    @Test
    void aReplayOfItsPlanPassesAndMutantsFail() throws IOException {
        CliRun own = check(capsule, played("own", plan)).expect(ExitCode.OK);
        assertTrue(own.out().contains("verdict: within the noise"), own.out());
        CliRun reversed =
                check(capsule, played("reversed", Plans.reversed(plan))).expect(ExitCode.FINDINGS);
        assertTrue(reversed.out().contains("verdict: beyond the noise"), reversed.out());
        // The same sizes and as much heat: only where and when tell.
        assertTrue(
                reversed.out().matches("(?s).*\npattern distance +[0-9.]+ +[0-9.]+ +[0-9.]+  beyond\n.*"),
                reversed.out());
        assertFalse(reversed.out().matches("(?s).*\ntotal heat difference[^\n]*beyond.*"), reversed.out());
        CliRun hotter =
                check(capsule, played("hotter", Plans.hotter(plan, 1.2))).expect(ExitCode.FINDINGS);
        assertTrue(hotter.out().matches("(?s).*\ntotal heat difference[^\n]*beyond.*"), hotter.out());
    }

    /** Each fails by what it changes, and by nothing that it leaves. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "half|0 1 2 3 4|0.5|working-set distance,total heat difference|transition times",
                "order|2 4 0 3 1|1|pattern distance,earth mover's distance|total heat difference,transition times",
                "shifted|1 2 3 4 0|1|pattern distance,earth mover's distance|total heat difference,nr_accesses distance",
            })
    void memoryThatIsElsewhereOrLessFailsForThat(String name, String order, double share, String beyond, String within)
            throws IOException {
        int[] to = Arrays.stream(order.split(" ")).mapToInt(Integer::parseInt).toArray();
        String mutant = Plans.moved(plan, 0x7f0000000000L, 32 << 20, to, share);
        assertFalse(mutant.equals(plan));
        CliRun run = check(capsule, played(name, mutant)).expect(ExitCode.FINDINGS);
        for (String distance : beyond.split(",")) {
            assertTrue(run.out().matches("(?s).*\n" + distance + " [^\n]*  beyond\n.*"), run.out());
        }
        for (String distance : within.split(",")) {
            assertTrue(run.out().matches("(?s).*\n" + distance + " [^\n]*[0-9]\n.*"), run.out());
        }
    }

    @Test
    void theVerdictInJsonIsTheExitCode() throws IOException {
        CliRun run = CliRun.of("replay", capsule, "--check", "--recorded", played("own-json", plan), "--json")
                .expect(ExitCode.OK);
        assertTrue(run.out().contains("\"verified\":true"), run.out());
        assertTrue(run.out().contains("\"distance\":\"transition times\""), run.out());
    }

    @Test
    void oneRecordingHasNoNoiseFloorAndSaysSo() throws IOException {
        Path alone = dir.resolve("alone.damson.zip");
        CliRun made = CliRun.of("capsule", dir.resolve("1.damson"), "-o", alone).expect(ExitCode.OK);
        assertTrue(made.out().contains("no noise floor, since one recording has none"), made.out());
        CliRun run = check(alone, played("own-alone", plan));
        assertTrue(run.out().contains("no recordings of the original to take a noise floor from"), run.out());
        assertTrue(run.out().contains("tolerance of 0.3"), run.out());
        assertEquals(ExitCode.OK, run.exit(), run.out());
        check(alone, played("reversed-alone", Plans.reversed(plan))).expect(ExitCode.FINDINGS);
    }

    @Test
    void aCapsuleComesBackAsItWas() {
        Capsule read = CapsuleText.parse(statistics);
        assertEquals(statistics, CapsuleText.of(read));
        assertEquals(read, CapsuleText.parse(CapsuleText.of(read)));
        assertEquals(3, read.noise().recordings());
        assertTrue(read.recorded().isDamon());
    }

    @Test
    void theSameTracesMakeTheSameBytes() throws IOException {
        Path again = dir.resolve("again.damson.zip");
        CliRun.of("capsule", dir.resolve("1.damson"), dir.resolve("2.damson"), dir.resolve("3.damson"), "-o", again)
                .expect(ExitCode.OK);
        assertTrue(Arrays.equals(Files.readAllBytes(capsule), Files.readAllBytes(again)));
        assertEquals(
                "rw-------",
                java.nio.file.attribute.PosixFilePermissions.toString(Files.getPosixFilePermissions(again)));
    }

    /** What is in it, and what it judges, is the same redacted: but for addresses and process ids. */
    @Test
    void aRedactedCapsuleHoldsNoAddressAndJudgesAlike() throws IOException {
        Path config = Files.writeString(
                dir.resolve("short.cfg"), "secretname, 4M\nb, 8M\n\none\n700\nsecretname, 0, 4096, 1\n");
        Path trace = dir.resolve("live.damson");
        CliRun.of(
                        "record",
                        "-o",
                        trace,
                        "--sample",
                        "50ms",
                        "--aggr",
                        "200ms",
                        "--",
                        Path.of("..", "native", "build", "accessgen"),
                        "run",
                        config)
                .expect(ExitCode.OK);
        Path plain = dir.resolve("plain.damson.zip");
        Path redacted = dir.resolve("redacted.damson.zip");
        CliRun.of("capsule", trace, "-o", plain).expect(ExitCode.OK);
        CliRun.of("capsule", trace, "-o", redacted, "--redact").expect(ExitCode.OK);
        String all = entry(redacted, "plan") + entry(redacted, "statistics");
        List<String> telling = entry(plain, "plan")
                .lines()
                .filter(l -> l.matches("(map|process) .*"))
                .map(l -> l.split(" ")[l.startsWith("map") ? 2 : 1])
                .distinct()
                .toList();
        assertTrue(telling.size() > 5, telling.toString());
        for (String word : telling) {
            assertFalse(all.matches("(?s).*\\b" + word + "\\b.*"), word);
        }
        for (String name : List.of("secretname", "accessgen", "short.cfg", "/", System.getProperty("user.name"))) {
            assertFalse(all.replace("bytes x seconds", "").contains(name), name);
        }
        Capsule a = CapsuleText.parse(entry(plain, "statistics"));
        Capsule b = CapsuleText.parse(entry(redacted, "statistics"));
        assertEquals(a.places().size(), b.places().size());
        assertEquals(a.durationNs(), b.durationNs());
        assertEquals(a.recorded(), b.recorded());
        for (int i = 0; i < a.behaviour().grid().heat().length; i++) {
            assertEquals(a.behaviour().grid().heat()[i], b.behaviour().grid().heat()[i], 1e-9);
        }
        assertEquals(a.behaviour().sizes()[0], b.behaviour().sizes()[0]);
    }

    // Bad input

    private static Path zip(String name, String... namesAndTexts) throws IOException {
        Map<String, byte[]> entries = new LinkedHashMap<>();
        for (int i = 0; i < namesAndTexts.length; i += 2) {
            entries.put(namesAndTexts[i], namesAndTexts[i + 1].getBytes(StandardCharsets.UTF_8));
        }
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
            for (Map.Entry<String, byte[]> e : entries.entrySet()) {
                zip.putNextEntry(new ZipEntry(e.getKey()));
                zip.write(e.getValue());
            }
        }
        return Files.write(dir.resolve(name + ".damson.zip"), bytes.toByteArray());
    }

    private static void refused(Path zip, String says) {
        CliRun run = CliRun.of("replay", zip, "--check", "--recorded", dir.resolve("1.damson"))
                .expect(ExitCode.INPUT);
        assertEquals(1, run.err().lines().count(), run.err());
        assertTrue(run.err().contains(says), run.err());
    }

    /** By the reader itself. */
    @Test
    void noByteOfACapsuleIsReadOtherwise() throws IOException {
        byte[] bytes = Files.readAllBytes(capsule);
        Path damaged = dir.resolve("flipped.damson.zip");
        Path to = dir.resolve("flipped.plan");
        for (int at = 0; at < bytes.length; at += 7) {
            byte[] flipped = bytes.clone();
            flipped[at] ^= (byte) (1 << at % 8);
            Files.write(damaged, flipped);
            assertThrows(TraceFormatException.class, () -> CapsuleFile.read(damaged, null, to), "byte " + at);
            Files.write(damaged, Arrays.copyOf(bytes, at));
            assertThrows(TraceFormatException.class, () -> CapsuleFile.read(damaged, null, to), "cut to " + at);
        }
    }

    @Test
    void aDamagedFileIsRefused() throws IOException {
        byte[] bytes = Files.readAllBytes(capsule);
        Path damaged = dir.resolve("damaged.damson.zip");
        for (int at : new int[] {60, bytes.length / 2, bytes.length - 120, bytes.length - 3}) {
            byte[] flipped = bytes.clone();
            flipped[at] ^= 0x10;
            Files.write(damaged, flipped);
            refused(damaged, "differs from the digest in its comment");
        }
        for (int left : new int[] {90, bytes.length * 2 / 3, bytes.length - 78, bytes.length - 40, bytes.length - 1}) {
            Files.write(damaged, Arrays.copyOf(bytes, left));
            refused(damaged, "cut short");
        }
        Files.write(damaged, Arrays.copyOf(bytes, bytes.length + 1));
        refused(damaged, "cut short, or other bytes follow it");
        // Whole again for who packs it anew, without a digest.
        CliRun.of(
                        "replay",
                        zip("anew", "plan", plan, "statistics", statistics),
                        "--check",
                        "--recorded",
                        played("x", plan))
                .expect(ExitCode.OK);
        refused(zip("only-a-plan", "plan", plan), "missing 'statistics'");
        refused(zip("more", "plan", plan, "statistics", statistics, "virus", ""), "more than a plan");
    }

    /** Each is a whole zip whose parts contradict one another, or lack something. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "duration_ns \\d+|duration_ns 1|by the statistics 1 ns",
                "place 0 0x[0-9a-f]+|place 0 0x1000|which the plan does not map",
                "place 0 |place 7 |a place in process 7 of 1",
                "\\nheat [^\\n]*\\n|\\n|heat: 127 lines instead of 128",
                "snapshots \\d+\\n|''|no line 'snapshots'",
                "noise [0-9.E-]+ pattern distance\\n|''|noise: nothing of 'pattern distance'",
                "noise [0-9.E-]+ age|noise 0.1 luck|there is no distance 'luck distance'",
                "recordings 3|recordings 1|recordings: a whole number from 2",
                "sample_us 5000|sample_us NaN|sample_us: a whole number",
                "aggr_us 100000|aggr_us 1|aggr_us: a whole number from 5000",
                "mapped_heat [^\\n]*|mapped_heat -1|mapped_heat: a number from 0 to 1",
                "transitions [^\\n]*|transitions 0.5|phases change at other times",
                "recorded damon|recorded guess|referenced or damon",
                "recorded damon|recorded damon\\nrecorded damon|recorded: is there twice",
                "damson-capsule 1|damson-capsule 2|begin with the line 'damson-capsule 1'",
                "snapshots |future 1\\nsnapshots |future: is unknown to this version",
            })
    void statisticsThatLieAreRefused(String from, String to, String says) throws IOException {
        String lie = statistics.replaceFirst(from, to.replace("\\n", "\n"));
        assertFalse(lie.equals(statistics), from);
        refused(zip("lie", "plan", plan, "statistics", lie), says);
    }

    @Test
    void aPlanThatLiesIsRefused() throws IOException {
        refused(
                zip("endless", "plan", plan + "snapshot 3600s 1s 20\n", "statistics", statistics),
                "plan: takes 3601000000000 ns");
        refused(zip("nonsense", "plan", plan + "format /\n", "statistics", statistics), "plan: line ");
        refused(zip("no-plan", "plan", "", "statistics", statistics), "damson-plan 1");
    }

    /** Whatever a text is, it is read or refused by a rule: seeded mutations of lines, words and digits. */
    @Test
    void anyTextIsReadOrRefused() {
        Random random = new Random(15);
        int refused = 0;
        for (int i = 0; i < 300; i++) {
            StringBuilder b = new StringBuilder(statistics);
            for (int k = 0; k <= random.nextInt(3); k++) {
                int at = random.nextInt(b.length());
                switch (random.nextInt(3)) {
                    case 0 -> b.setCharAt(at, (char) (random.nextInt(96) + 32));
                    case 1 -> b.delete(at, Math.min(b.length(), at + 1 + random.nextInt(200)));
                    default -> b.insert(at, b.substring(at, Math.min(b.length(), at + random.nextInt(300))));
                }
            }
            try {
                CapsuleText.parse(b.toString());
            } catch (InvalidInputException e) {
                assertTrue(e.getMessage().length() < 300, e.getMessage());
                refused++;
            }
        }
        assertTrue(refused > 100, refused + " of 300");
        assertThrows(InvalidInputException.class, () -> CapsuleText.parse(""));
    }

    @Test
    void optionsThatMeanNothingForACapsuleAreRefused() {
        for (List<String> words : List.of(
                List.of("--verify"),
                List.of("--speed", "2"),
                List.of("--record", dir.resolve("r.damson").toString()),
                List.of("--source", "damon"),
                List.of("--recorded", dir.resolve("1.damson").toString()))) {
            Object[] all = new Object[words.size() + 2];
            all[0] = "replay";
            all[1] = capsule;
            System.arraycopy(words.toArray(), 0, all, 2, words.size());
            CliRun run = CliRun.of(all).expect(ExitCode.USAGE);
            assertEquals(1, run.err().lines().count(), run.err());
        }
        CliRun trace = CliRun.of("replay", dir.resolve("1.damson"), "--check").expect(ExitCode.USAGE);
        assertTrue(trace.err().contains("--check requires a capsule"), trace.err());
        CliRun missing = CliRun.of("replay", dir.resolve("none.zip"), "--check").expect(ExitCode.INPUT);
        assertTrue(missing.err().contains("none.zip: no such file or directory"), missing.err());
        // It was recorded by DAMON: nothing touches this kernel's without being told to.
        CliRun run = CliRun.of("replay", capsule, "--check").expect(ExitCode.USAGE);
        assertTrue(run.err().contains("record its replay with --source damon"), run.err());
        CliRun info = CliRun.of("info", capsule).expect(ExitCode.INPUT);
        assertTrue(info.err().contains("is a capsule, which damson replay --check plays, and not a trace"), info.err());
    }
}
