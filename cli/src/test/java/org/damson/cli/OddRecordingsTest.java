package org.damson.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.damson.cli.command.ExitCode;
import org.damson.cli.input.TraceFiles;
import org.damson.model.Batch;
import org.damson.model.Manifest;
import org.damson.model.ManifestKey;
import org.damson.model.Mapping;
import org.damson.model.Snapshot;
import org.damson.model.Table;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Recordings and option values at the ends of what there can be. */
final class OddRecordingsTest {
    @TempDir
    Path dir;

    /** An event of DAMON's, as {@code trace_pipe} prints it. */
    private static String event(int thread, long ms, int target, int regions, String region) {
        return String.format(
                Locale.ROOT,
                "kdamond.0-%d [000] ..... %d.%03d000: damon_aggregated: target_id=%d nr_regions=%d %s\n",
                thread,
                ms / 1000,
                ms % 1000,
                target,
                regions,
                region);
    }

    private Path trace(String text) throws IOException {
        Path recording = Files.writeString(dir.resolve("recording.txt"), text);
        Path trace = dir.resolve("t.damson");
        CliRun.of("import", recording, "-o", trace).expect(ExitCode.OK);
        return trace;
    }

    @Test
    void sizesBeyond63BitsAreNeverNegative() throws IOException {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < 20; i++) {
            text.append(event(7, 1000 + 100 * i, 0, 2, "0-9223372036854779904: 10 3"));
            text.append(event(7, 1000 + 100 * i, 0, 2, "9223372036854779904-18446744073709547520: 5 3"));
        }
        Path trace = trace(text.toString());
        for (String report : new String[] {"wss", "sizing", "bounds", "phases", "matrix", "timeline"}) {
            String said = CliRun.of("report", report, trace).expect(ExitCode.OK).out();
            assertFalse(said.matches("(?s).*-[0-9.]+ [KMGTPE]?i?B.*"), said);
            assertTrue(said.contains("8 EiB"), said);
        }
        Path given = dir.resolve("given.damson");
        CliRun.of("import", dir.resolve("recording.txt"), "--intervals", "5ms,100ms,1s", "-o", given)
                .expect(ExitCode.OK);
        assertSizesAreThere(given);
        for (String[] verb : new String[][] {
            {"simulate", "--scheme", "prcl"},
            {"advise"},
            {"report", "curves"},
            {"tune", "--scheme", "prcl", "--vary", "min_age=1s,2s"}
        }) {
            Object[] words = new Object[verb.length + 1];
            System.arraycopy(verb, 0, words, 0, verb.length);
            words[verb.length] = trace;
            assertTrue(CliRun.of(words).expect(ExitCode.INPUT).err().contains("8 EiB or more"), verb[0]);
        }
    }

    /** No report tells of a size below 0, or of none where there is one. */
    private void assertSizesAreThere(Path trace) {
        for (String report : List.of(
                "access",
                "access --damo-compat",
                "access --style temperature-sz-hist --damo-compat",
                "regions",
                "guide",
                "guide --damo-compat",
                "holistic",
                "holistic --damo-compat",
                "holistic --long --damo-compat",
                "heatmap --scope all",
                "heatmap --damo-compat",
                "wss",
                "wss --damo-compat",
                "objects",
                "idle",
                "windows",
                "bounds",
                "phases",
                "times",
                "trace",
                "matrix",
                "sizing")) {
            List<Object> words = new ArrayList<>(List.of("report"));
            words.addAll(List.of(report.split(" ")));
            words.add(trace);
            String said = CliRun.of(words.toArray()).expect(ExitCode.OK).out();
            assertFalse(said.matches("(?s).*[\\s(]-[0-9.]+ ?[KMGTPE]i?B.*"), report + "\n" + said);
            assertFalse(said.contains("NaN"), report + "\n" + said);
        }
        Path page = dir.resolve("page.html");
        CliRun.of("report", "html", trace, "-o", page, "--force").expect(ExitCode.OK);
    }

    /** The end of the last region there can be is 2^64, which 64 bits have as 0. */
    @Test
    void aRegionThatEndsWithTheAddressSpaceHasItsSizeInEveryReport() throws IOException {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < 30; i++) {
            text.append(event(7, 1000 + 100 * i, 0, 2, "4096-12288: 10 3"));
            text.append(event(7, 1000 + 100 * i, 0, 2, "18446744073707454464-0: 5 3"));
        }
        Path recording = Files.writeString(dir.resolve("top.txt"), text);
        Path trace = dir.resolve("top.damson");
        CliRun.of("import", recording, "--intervals", "5ms,100ms,1s", "-o", trace)
                .expect(ExitCode.OK);
        assertSizesAreThere(trace);
        String shown = CliRun.of("report", "access", "--damo-compat", trace).out();
        assertTrue(shown.contains("2.000 MiB"), shown);
        Path json = dir.resolve("top.json");
        CliRun.of("export", trace, "--to", "damo-json", "-o", json).expect(ExitCode.OK);
        assertTrue(Files.readString(json).contains("\"end\": \"18,446,744,073,709,551,616\""));
        assertEquals(
                CliRun.of("report", "wss", "--json", trace).out().replaceAll("\"notes\".*", ""),
                CliRun.of("report", "wss", "--json", json).out().replaceAll("\"notes\".*", ""));
        assertEquals(CliRun.of("dump", trace).out(), CliRun.of("dump", json).out());
    }

    @Test
    void whatLiesAtTheTopOfTheAddressSpaceIsReplayedAndExported() throws IOException {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < 5; i++) {
            text.append(event(7, 1000 + 100 * i, 0, 1, "18446744073705357312-18446744073709551615: 20 0"));
        }
        Path trace = trace(text.toString());
        String plan =
                CliRun.of("replay", trace, "--plan-only").expect(ExitCode.OK).out();
        assertTrue(plan.contains(" 4092K 20\n"), plan);
        String masim =
                CliRun.of("export", trace, "--to", "masim").expect(ExitCode.OK).out();
        assertTrue(masim.startsWith("r0, 4190208\n"), masim);
    }

    @Test
    void infoTellsTheTimeBetweenSnapshotsOfEachTargetOfEachKdamond() throws IOException {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < 10; i++) {
            text.append(event(7, 1000 + 100 * i, 0, 1, "4096-8192: 1 0"));
            text.append(event(8, 1050 + 100 * i, 0, 1, "4096-8192: 1 0"));
        }
        String info =
                CliRun.of("info", trace(text.toString())).expect(ExitCode.OK).out();
        assertTrue(info.contains("20 over 1.05 s, one every 100 ms"), info);
    }

    /** A choice of snapshots or of a target is one of what was resident beside them too. */
    @Test
    void residentMemoryIsOfTheSnapshotsAndTheTargetThatAreChosen() throws IOException {
        Path trace = dir.resolve("two-processes.damson");
        Manifest manifest = new Manifest();
        manifest.source = "referenced";
        TraceFiles.create(trace, manifest, sink -> {
            Batch memory = new Batch(Table.MEMORY);
            for (int i = 0; i < 8; i++) {
                Snapshot s = new Snapshot();
                s.target = 70 + i % 2;
                s.startNs = i / 2 * 1_000_000_000L;
                s.endNs = s.startNs + 1_000_000_000L;
                s.sampleUs = 100_000;
                s.aggrUs = 1_000_000;
                s.add(1 << 30, (1 << 30) + (1 << 20), 10, 0);
                sink.append(s);
                memory.add(s.startNs + 1000, s.target, "rss", (i < 4 ? 10L : 40L) * (s.target == 70 ? 1 : 3) << 20);
            }
            sink.append(memory);
        });
        String[][] expected = {
            {"--quiet", " 160 MiB"},
            {"--target=70", " 40 MiB"},
            {"--target=71", " 120 MiB"},
            {"--snapshots=0..4", " 40 MiB"},
            {"--time=0s..2s", " 40 MiB"}
        };
        for (String[] choice : expected) {
            for (String report : List.of("sizing", "footprint")) {
                String said = CliRun.of("report", report, trace, choice[0])
                        .expect(ExitCode.OK)
                        .out();
                String most = said.lines()
                        .filter(l -> l.matches("\\s+(100.0 %|rss) .*"))
                        .findFirst()
                        .orElse(said);
                assertTrue(most.contains(choice[1]), choice[0] + "\n" + said);
            }
        }
    }

    /** Of a mapping of 100 MiB the program uses 10, then 2. */
    @Test
    void masimGetsAsManyBytesOfAMappingAsWereTouched() throws IOException {
        Path trace = dir.resolve("mapping.damson");
        Manifest manifest = new Manifest();
        manifest.source = "referenced";
        TraceFiles.create(trace, manifest, sink -> {
            for (int i = 0; i < 4; i++) {
                Snapshot s = new Snapshot();
                s.target = 7;
                s.startNs = i * 1_000_000_000L;
                s.endNs = s.startNs + 1_000_000_000L;
                s.sampleUs = 100_000;
                s.aggrUs = 1_000_000;
                s.columns = Snapshot.HAS_AGE | Snapshot.HAS_REFERENCED;
                s.reserve(2);
                s.add(1 << 30, (1 << 30) + (100 << 20), 10, 0);
                s.referencedMean[0] = (i < 2 ? 10 : 2) << 20;
                s.referencedMax[0] = 20 << 20;
                s.add(3L << 30, (3L << 30) + (100 << 20), 0, i);
                sink.append(s);
            }
        });
        String config =
                CliRun.of("export", trace, "--to", "masim").expect(ExitCode.OK).out();
        assertTrue(config.startsWith("r0, 2097152\nr1, 8388608\n"), config);
        assertTrue(config.contains("\nsnapshot 2 to 3\n2000\nr0, "), config);
        CliRun whole = CliRun.of("export", trace, "--to", "damo-json").expect(ExitCode.OK);
        assertTrue(whole.err().contains("regions are mappings and are written whole"), whole.err());
    }

    /** What {@code perf record --threads} leaves is a recording as any file is. */
    @Test
    void theDirectoryOfPerfIsReadByEveryVerb() throws IOException {
        Path recording = CliRun.testdata().resolve("perf-stacks/threads.perf.data");
        Path trace = dir.resolve("threads.damson");
        CliRun.of("import", recording, "-o", trace).expect(ExitCode.OK);
        for (String command : List.of(
                "report timeline TRACE --json",
                "dump TRACE --table samples",
                "export TRACE --to collapsed",
                "sql TRACE -c SELECT\u00a0count(*)\u00a0FROM\u00a0samples --csv")) {
            Object[][] words = new Object[2][];
            for (int i = 0; i < 2; i++) {
                Path input = i == 0 ? trace : recording;
                words[i] = Stream.of(command.split(" "))
                        .map(w -> w.equals("TRACE") ? input : w.replace('\u00a0', ' '))
                        .toArray();
            }
            assertEquals(
                    CliRun.of(words[0]).expect(ExitCode.OK).out(),
                    CliRun.of(words[1]).expect(ExitCode.OK).out(),
                    command);
        }
        CliRun.of("info", recording).expect(ExitCode.OK);
        CliRun.of("bundle", recording, "-o", dir.resolve("threads.zip")).expect(ExitCode.OK);
        assertTrue(CliRun.of("symbolize", recording)
                .expect(ExitCode.USAGE)
                .err()
                .contains("not a trace directory; give -o TRACE"));
    }

    /** Snapshots come by their ends; the one that starts first may be a long one that comes later. */
    @Test
    void aTraceStartsWhenTheEarliestOfItsTargetsDoes() throws IOException {
        StringBuilder text = new StringBuilder();
        for (int ms = 2000; ms < 3500; ms += 50) {
            if (ms % 500 == 50) {
                text.append(event(8, ms, 0, 1, "4096-8192: 1 0"));
            }
            if (ms % 100 == 0) {
                text.append(event(7, ms, 0, 1, "4096-8192: 1 0"));
            }
        }
        Path recording = Files.writeString(dir.resolve("two.txt"), text);
        Path trace = dir.resolve("two.damson");
        CliRun.of("import", recording, "-o", trace).expect(ExitCode.OK);
        String info = CliRun.of("info", trace, "--json").expect(ExitCode.OK).out();
        assertTrue(info.contains("\"start_ns\":1550000000,"), info);
        String sql = CliRun.of("sql", trace, "--csv", "-c", "select from_ns from traces")
                .expect(ExitCode.OK)
                .out();
        assertEquals("from_ns\n1550000000\n", sql);
        // 50 ms later begins the first snapshot of the other kdamond, 350 ms later.
        Path first = dir.resolve("first.damson");
        CliRun.of("slice", trace, "--time", "0s..300ms", "-o", first).expect(ExitCode.OK);
        assertTrue(CliRun.of("info", first, "--json").out().contains("\"snapshots\":1,"));
    }

    /** Whatever the order in which traces are named, their rows are in order of time, which reports rely on. */
    @Test
    void theOrderInWhichTracesAreMergedDoesNotMatter() throws IOException {
        List<Path> parts = new ArrayList<>();
        for (int n = 0; n < 2; n++) {
            Path part = dir.resolve("part" + n + ".damson");
            parts.add(part);
            long fromNs = n * 1_000_000_000L;
            Manifest manifest = new Manifest();
            manifest.source = "referenced";
            ManifestKey.HOST_NAME.put(manifest, "one");
            TraceFiles.create(part, manifest, sink -> {
                Batch memory = new Batch(Table.MEMORY);
                Batch mappings = new Batch(Table.MAPPINGS);
                Batch losses = new Batch(Table.LOSSES);
                boolean isLater = fromNs > 0;
                for (int i = 0; i < 10; i++) {
                    Snapshot s = new Snapshot();
                    s.target = 70;
                    s.startNs = fromNs + i * 100_000_000L;
                    s.endNs = s.startNs + 100_000_000L;
                    s.sampleUs = 5_000;
                    s.aggrUs = 100_000;
                    s.columns = Snapshot.HAS_AGE | Snapshot.HAS_REFERENCED;
                    s.reserve(1);
                    s.add(1 << 20, 9 << 20, i % 2, i % 2 == 0 ? 1 : 0);
                    s.referencedMax[0] = i % 2 << 22;
                    s.referencedMean[0] = i % 2 << 21;
                    sink.append(s);
                    memory.add(s.startNs, 70L, "rss", isLater ? 1L << 20 : 1L << 23);
                }
                new Mapping(70, 1 << 20, 9 << 20, "rw-p", isLater ? "/new" : "/old").addTo(mappings, fromNs, false);
                new Mapping(70, 1 << 20, 9 << 20, "rw-p", isLater ? "/new" : "/old")
                        .addTo(mappings, fromNs + 999_000_000L, true);
                losses.add(fromNs, fromNs + 1, "events", 1L, "malformed events");
                sink.append(memory);
                sink.append(mappings);
                sink.append(losses);
            });
        }
        Path inOrder = dir.resolve("in-order.damson");
        Path reversed = dir.resolve("reversed.damson");
        CliRun.of("merge", parts.get(0), parts.get(1), "-o", inOrder).expect(ExitCode.OK);
        CliRun.of("merge", parts.get(1), parts.get(0), "-o", reversed).expect(ExitCode.OK);
        for (String table : List.of("memory", "mappings", "losses")) {
            assertEquals(
                    CliRun.of("dump", inOrder, "--table", table).out(),
                    CliRun.of("dump", reversed, "--table", table).out());
        }
        for (String report : List.of("idle", "objects", "wss", "footprint", "sizing")) {
            assertEquals(
                    CliRun.of("report", report, inOrder, "--json")
                            .expect(ExitCode.PARTIAL)
                            .out(),
                    CliRun.of("report", report, reversed, "--json")
                            .expect(ExitCode.PARTIAL)
                            .out());
        }
    }

    @Test
    void tracesOfOneTargetAtTheSameTimeAreNotMergedUnlessAsked() throws IOException {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < 10; i++) {
            text.append(event(7, 1000 + 100 * i, 0, 1, "4096-8192: 1 0"));
        }
        Path trace = trace(text.toString());
        Path first = dir.resolve("first.damson");
        Path rest = dir.resolve("rest.damson");
        CliRun.of("slice", trace, "--snapshots", "0..5", "-o", first).expect(ExitCode.OK);
        CliRun.of("slice", trace, "--snapshots", "5..10", "-o", rest).expect(ExitCode.OK);
        CliRun.of("merge", first, rest, "-o", dir.resolve("a")).expect(ExitCode.OK);
        Path twice = dir.resolve("b");
        String what = "target 0 is in " + trace + " and in " + rest + " at the same time, which counts twice";
        CliRun refused = CliRun.of("merge", trace, rest, "-o", twice).expect(ExitCode.INPUT);
        assertTrue(refused.err().contains("not one after the other: " + what), refused.err());
        assertFalse(Files.exists(twice));
        CliRun asked = CliRun.of("merge", trace, rest, "--mixed", "-o", twice).expect(ExitCode.OK);
        assertTrue(asked.err().contains("note: " + what), asked.err());
        CliRun report = CliRun.of("report", "wss", twice).expect(ExitCode.OK);
        assertTrue(report.err().contains("merged all the same: " + what), report.err());
    }

    @Test
    void aTraceWithoutSnapshotsHasNoTimeAndNoWindow() throws IOException {
        Path recording =
                Files.writeString(dir.resolve("s.txt"), "a 1 1764477282.123456: 7 cpu-clock: \n\t 10 f+0x2 (/a)\n\n");
        Path trace = dir.resolve("s.damson");
        CliRun.of("import", recording, "-o", trace).expect(ExitCode.OK);
        String info = CliRun.of("info", trace).expect(ExitCode.OK).out();
        assertFalse(info.contains("from 0.000 s") || info.contains("1970"), info);
        assertTrue(CliRun.of("info", trace, "--json").out().contains("\"start_ns\":null"));
        assertEquals(
                "no snapshots\n",
                CliRun.of("report", "wss", trace).expect(ExitCode.OK).out());
    }

    @Test
    void aTimeBeyondWhatAClockCountsIsTheEnd() throws IOException {
        Path trace = trace(event(7, 1_764_477_282_000L, 0, 1, "4096-8192: 1 0")
                + event(7, 1_764_477_282_100L, 0, 1, "4096-8192: 1 0"));
        String all = CliRun.of("report", "wss", trace).expect(ExitCode.OK).out();
        assertEquals(
                all,
                CliRun.of("report", "wss", trace, "--time", "0s..9000000000s")
                        .expect(ExitCode.OK)
                        .out());
    }

    @Test
    void aFigureThatIsNotThereIsADash() throws IOException {
        Path trace = trace(event(7, 1000, 0, 1, "4096-8192: 0 0") + event(7, 1100, 0, 1, "4096-8192: 0 0"));
        String said = CliRun.of("compare", trace, trace).out();
        assertFalse(said.contains("NaN"), said);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "record --duration 0s -- true",
                "record --rotate 10s --retain 0s -o s -- true",
                "record --max-disk 0 -- true",
                "record --sample 1500ns -- true",
                "import x --intervals 0ms,100ms",
                "import x --intervals 5ms,100ms,1500ns",
                "simulate x --scheme prcl --memory-limit 0",
                "sql x -c true --memory 0"
            })
    void whatWouldMeanThatItIsNotGivenIsRefused(String words) throws IOException {
        Path trace = trace(event(7, 1000, 0, 1, "4096-8192: 0 0"));
        String[] given = words.split(" ");
        Object[] args = new Object[given.length];
        for (int i = 0; i < given.length; i++) {
            args[i] = given[i].equals("x") ? trace : given[i].equals("s") ? dir.resolve("s") : given[i];
        }
        CliRun run = CliRun.of(args).expect(ExitCode.USAGE);
        String last = run.err().lines().reduce("", (before, line) -> line);
        assertTrue(last.matches("damson: --\\S+: '.*' is not .*"), run.err());
    }

    @Test
    void aProfileCountsTheSamplesOfOneEvent() throws IOException {
        StringBuilder text =
                new StringBuilder(event(7, 1000, 0, 1, "4096-8192: 9 0") + event(7, 2000, 0, 1, "4096-8192: 9 0"));
        for (int i = 0; i < 6; i++) {
            text.append("a 1 1.").append(i).append("00000: 7 sched:sched_switch: x\n\t 10 schedule+0x2 (/vmlinux)\n\n");
        }
        text.append("a 1 1.900000: 7 cpu-clock:u: \n\t 10 work+0x2 (/a)\n\n");
        Path trace = trace(text.toString());
        String profile =
                CliRun.of("report", "profile", trace).expect(ExitCode.OK).out();
        assertTrue(profile.contains("100.0 %"), profile);
        assertTrue(profile.contains("work"), profile);
        assertFalse(profile.contains("schedule"), profile);
        assertTrue(profile.contains("samples of cpu-clock:u are counted, 6 of other events are not"), profile);
    }
}
