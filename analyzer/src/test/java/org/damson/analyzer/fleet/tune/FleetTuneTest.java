package org.damson.analyzer.fleet.tune;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.damson.analyzer.fleet.FleetTrace;
import org.damson.analyzer.render.fleet.FleetTuneTable;
import org.damson.analyzer.render.table.TableReport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A scheme for many hosts, judged by what it really does to those that did not choose it. */
final class FleetTuneTest {
    private static final double LIMIT = 60;

    private static FleetTune.Options options(double keep, double confidence, long seed) {
        return new FleetTune.Options(
                new SchemeWords(
                        new ArrayList<>(List.of("pageout access=0..0")),
                        new ArrayList<>(List.of("min_age=500ms..30s/500ms")),
                        "out where promotion<=" + (int) LIMIT,
                        false,
                        0,
                        "zram"),
                keep,
                confidence,
                30,
                seed,
                100);
    }

    /**
     * Draws hosts again and again; counts how often those held back keep the level.
     *
     * @param after is told the counts after each draw
     * @return draws for which a scheme was found, those in which simulations say that it keeps the level, those in which the truth does
     */
    private static int[] draw(GeneratedFleet fleet, double keep, double confidence, int draws, Consumer<String> after)
            throws Exception {
        Set<String> hosts = new TreeSet<>();
        for (FleetTrace t : fleet.selection().traces()) {
            hosts.add(t.partition().get("service") + " " + t.partition().get("host"));
        }
        int[] counts = new int[3];
        for (int seed = 1; seed <= draws; seed++) {
            FleetTuneResult result = FleetTune.run(options(keep, confidence, seed), fleet, fleet.selection());
            if (result.best() == null) {
                after.accept("draw " + seed + ": no scheme");
                continue;
            }
            TableReport.Section found = FleetTuneTable.of(result).sections().get(0);
            String scheme = (String) found.rows().get(0)[0];
            Set<String> heldBack = HeldBack.draw(hosts, 30, seed);
            long over = heldBack.parallelStream()
                    .filter(host -> fleet.promotion(host, scheme) > LIMIT)
                    .count();
            counts[0]++;
            counts[1] += result.isKept() ? 1 : 0;
            counts[2] += over <= HeldBack.mayBreak(heldBack.size(), keep) ? 1 : 0;
            after.accept("draw " + seed + ": " + scheme + "; found, kept by simulation, in truth so far: "
                    + Arrays.toString(counts));
        }
        return counts;
    }

    @Test
    void heldBackHostsKeepTheLevelAsOftenAsPromised(@TempDir Path dir) throws Exception {
        GeneratedFleet fleet = new GeneratedFleet(dir, 40, 1);
        int draws = 15;
        int[] counts = draw(fleet, 70, 80, draws, line -> {});
        assertEquals(draws, counts[0], "a scheme is found");
        assertTrue(counts[1] >= draws * 8 / 10, counts[1] + " draws by simulation");
        assertTrue(counts[2] >= draws * 8 / 10, counts[2] + " draws in truth");
    }

    @Test
    void tooFewHostsAreToldHowManyAreNeeded(@TempDir Path dir) throws Exception {
        GeneratedFleet fleet = new GeneratedFleet(dir, 5, 1);
        FleetTuneResult result = FleetTune.run(options(98, 95, 1), fleet, fleet.selection());
        assertFalse(result.isKept());
        int needed = HeldBack.needed(30, 98, 0.05);
        assertEquals(needed, result.hostsNeeded());
        List<String> notes = FleetTuneTable.of(result).notes();
        assertEquals(1, notes.size());
        assertTrue(notes.get(0).endsWith(needed + " hosts are needed"), notes.get(0));
    }

    /**
     * By hand, after {@code ./damson --version} and {@code mvn -o -q -Dquick -pl analyzer -am test-compile}: {@code java -cp
     * 'analyzer/target/test-classes:dist/lib/*' org.damson.analyzer.fleet.tune.FleetTuneTest HOSTS DRAWS KEEP CONFIDENCE}.
     */
    public static void main(String[] args) throws Exception {
        long began = System.nanoTime();
        Path dir = Files.createTempDirectory("fleet");
        try {
            GeneratedFleet fleet = new GeneratedFleet(dir, Integer.parseInt(args[0]), 1);
            System.out.printf(Locale.ROOT, "recorded in %.0f s%n", (System.nanoTime() - began) / 1e9);
            int[] counts = draw(
                    fleet,
                    Double.parseDouble(args[2]),
                    Double.parseDouble(args[3]),
                    Integer.parseInt(args[1]),
                    System.out::println);
            System.out.printf(
                    Locale.ROOT,
                    "%s draws: a scheme found in %d, kept by simulation in %d, in truth in %d; %.0f s%n",
                    args[1],
                    counts[0],
                    counts[1],
                    counts[2],
                    (System.nanoTime() - began) / 1e9);
        } finally {
            try (Stream<Path> all = Files.walk(dir)) {
                for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(path);
                }
            }
        }
    }
}
