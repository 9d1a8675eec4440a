package org.damson.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.damson.cli.command.ExitCode;
import org.damson.model.Manifest;
import org.damson.model.Snapshot;
import org.damson.model.Table;
import org.damson.model.TraceQuery;
import org.damson.model.TraceSink;
import org.damson.model.TraceSource;
import org.damson.trace.Traces;
import org.damson.trace.WriterOptions;
import org.damson.trace.files.FileTrees;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * kill -9 at random moments of every command that writes traces, from its first trace on disk to past its end. The result is
 * then whole or not there, inputs are as they were, the same command run again succeeds, and nothing else is left. A
 * recovery is killed again while it finishes a killed one. The property {@code damson.kills} sets how often in all (14), {@code
 * damson.kill.seed} the moments, {@code damson.kill.commands} which commands.
 */
@Timeout(7200)
final class KillCampaignTest {
    private static final String COMMANDS = "import merge slice bundle recover record rotation";
    private static final int SNAPSHOTS = 1500;
    private static final int REGIONS = 60;

    @TempDir
    Path dir;

    private final SplittableRandom random = new SplittableRandom(Long.getLong("damson.kill.seed", 42L));
    private Path whole;
    private Path dead;
    private Path recording;
    private Process target;
    private long measuredNs;
    private int inTime;

    /** What became of the kills of one command. */
    private record Tally(String verb, int kills, int inTime, String note) {}

    @BeforeEach
    void makeInputs() throws IOException {
        whole = dir.resolve("whole.damson");
        try (TraceSink sink = Traces.create(whole, new Manifest(), WriterOptions.BATCH)) {
            fill(sink);
        }
        Path live = dir.resolve("live.damson");
        dead = Files.createDirectory(dir.resolve("dead.damson"));
        try (TraceSink sink = Traces.create(live, new Manifest(), WriterOptions.LIVE)) {
            fill(sink);
            sink.flush();
            for (Path file : list(live)) {
                if (!file.endsWith(".lock")) {
                    Files.copy(file, dead.resolve(file.getFileName()));
                }
            }
        }
        FileTrees.delete(live);
        recording = dir.resolve("damon.data");
        CliRun.of("export", whole, "--to", "damo", "-o", recording).expect(ExitCode.OK);
        target = new ProcessBuilder("sleep", "7200").start();
    }

    @AfterEach
    void endTarget() {
        target.destroyForcibly();
    }

    private void fill(TraceSink sink) throws IOException {
        SplittableRandom numbers = new SplittableRandom(1);
        Snapshot s = new Snapshot();
        for (int i = 0; i < SNAPSHOTS; i++) {
            s.clear();
            s.startNs = i * 100_000_000L;
            s.endNs = s.startNs + 100_000_000L;
            s.sampleUs = 5000;
            s.aggrUs = 100_000;
            s.columns = Snapshot.HAS_AGE;
            for (int r = 0; r < REGIONS; r++) {
                s.add((r + 1) << 16, (r + 2) << 16, numbers.nextInt(21), numbers.nextInt(i + 1));
            }
            sink.append(s);
        }
    }

    @Test
    void whateverIsKilledNothingIsLostAndNothingHalfWritten() throws Exception {
        int kills = Integer.getInteger("damson.kills", 14);
        List<Tally> tallies = new ArrayList<>();
        List<String> commands =
                List.of(System.getProperty("damson.kill.commands", COMMANDS).split(" "));
        int each = Math.max(1, (kills + commands.size() - 1) / commands.size());
        for (String command : commands) {
            tallies.add(
                    switch (command) {
                        case "import" -> ofOutput(command, each, "x.damson", recording);
                        case "merge" -> ofOutput(command, each, "x.damson", whole, whole, "--mixed");
                        case "slice" -> ofOutput(command, each, "x.damson", whole);
                        case "bundle" -> ofOutput(command, each, "x.damson.zip", whole);
                        case "recover" -> ofRecover(each);
                        default -> ofRecord(command, each);
                    });
        }
        System.out.println("| command | kills | of them while it wrote | after each |");
        System.out.println("|---|---|---|---|");
        for (Tally t : tallies) {
            System.out.println("| " + t.verb + " | " + t.kills + " | " + t.inTime + " | " + t.note + " |");
        }
        assertTrue(tallies.stream().anyMatch(t -> t.inTime > 0), "no kill was in time");
    }

    /** A command that makes one output of inputs. */
    private Tally ofOutput(String verb, int kills, String name, Object... inputs) throws Exception {
        List<Object> words = new ArrayList<>(List.of(verb));
        words.addAll(Arrays.asList(inputs));
        Map<String, String> before = state(dir);
        Path model = Files.createDirectory(dir.resolve("model"));
        CliRun.of(with(words, "-o", model.resolve(name))).expect(ExitCode.OK);
        List<Object> wanted = facts(model.resolve(name));
        FileTrees.delete(model);
        begin();
        for (int i = 0; i < kills; i++) {
            Path home = Files.createDirectory(dir.resolve("home"));
            Object[] line = with(words, "-o", home.resolve(name));
            String place = verb + ", kill " + i;
            kill(home, line);
            if (Files.exists(home.resolve(name))) {
                assertEquals(wanted, facts(home.resolve(name)), place);
                CliRun.of("verify", home.resolve(name)).expect(ExitCode.OK);
                FileTrees.delete(home.resolve(name));
            }
            CliRun.of(line).expect(ExitCode.OK);
            assertEquals(wanted, facts(home.resolve(name)), place);
            assertEquals(List.of(name), names(home), place);
            FileTrees.delete(home);
            assertEquals(before, state(dir), place);
        }
        return new Tally(verb, kills, inTime, "output whole or absent; again: the same; nothing left");
    }

    /** Each killed recovery is finished by another, of which every second is killed too. */
    private Tally ofRecover(int kills) throws Exception {
        List<Object> wanted = facts(dead);
        begin();
        for (int i = 0, again = 0; i < kills; i++) {
            Path home = dir.resolve("home");
            Path trace = home.resolve("t.damson");
            if (again == 0) {
                Files.createDirectory(home);
                copy(dead, trace);
            }
            kill(home, "recover", trace);
            String place = "recover, kill " + i;
            assertEquals(wanted, facts(trace), place);
            again = again == 0 && random.nextBoolean() && i + 1 < kills ? 1 : 0;
            if (again == 0) {
                CliRun.of("recover", trace).expect(ExitCode.OK);
                assertEquals(wanted, facts(trace), place);
                CliRun.of("verify", trace).expect(ExitCode.OK);
                assertEquals(List.of("t.damson"), names(home), place);
                FileTrees.delete(home);
            }
        }
        return new Tally("recover", kills, inTime, "all rows readable; recovered by the next; nothing left");
    }

    /** A live recording of a process; in a series each trace begins after a second. */
    private Tally ofRecord(String what, int kills) throws Exception {
        begin();
        measuredNs = 3_000_000_000L;
        long snapshots = 0;
        for (int i = 0; i < kills; i++) {
            Path home = Files.createDirectory(dir.resolve("home"));
            Path output = home.resolve("r");
            List<Object> words = new ArrayList<>(List.of("record", "--source", "referenced", "-o", output, "-p"));
            words.addAll(List.of(target.pid(), "--sample", "10ms", "--aggr", "20ms", "--min-free", "0"));
            if (what.equals("rotation")) {
                words.addAll(List.of("--rotate", "1s", "--retain", "30s"));
            }
            Process process = DamsonProcess.start(dir, words.toArray());
            await(home, process);
            Thread.sleep(random.nextLong(measuredNs) / 1_000_000);
            assertTrue(process.isAlive(), () -> "it ended by itself: " + said());
            inTime++;
            process.destroyForcibly().waitFor();
            snapshots += checkRecorded(output, what + ", kill " + i);
            FileTrees.delete(home);
        }
        return new Tally(what, kills, inTime, "read, recovered, verified; " + snapshots + " snapshots kept");
    }

    private long checkRecorded(Path output, String place) throws IOException {
        long snapshots = 0;
        List<Path> traces =
                Files.exists(output.resolve("manifest.json")) || !Files.exists(output) ? List.of(output) : list(output);
        for (Path trace : traces) {
            if (!Files.exists(trace.resolve("manifest.json"))) {
                continue; // killed before it was a trace, or the series' lock
            }
            List<Object> kept = facts(trace);
            CliRun verified = CliRun.of("verify", trace).expect(ExitCode.OK);
            try (TraceSource source = Traces.open(trace)) {
                boolean unsealed = source.manifest().state == Manifest.State.RECORDING;
                assertEquals(unsealed, verified.out().contains("damson recover would keep"), verified.out());
                snapshots += source.rowCount(Table.SNAPSHOTS);
            }
            if (traces.size() > 1) {
                assertTrue(CliRun.of("info", output).expect(ExitCode.OK).out().contains("Snapshots:"), place);
            }
            CliRun.of("recover", trace).expect(ExitCode.OK);
            assertEquals(kept, facts(trace), place);
            CliRun.of("verify", trace).expect(ExitCode.OK);
        }
        return snapshots;
    }

    private void begin() {
        measuredNs = 500_000_000;
        inTime = 0;
    }

    private static void await(Path home, Process process) throws Exception {
        while (process.isAlive() && names(home).isEmpty()) {
            Thread.sleep(1);
        }
    }

    /** Starts damson and kills it once it has changed something in {@code home}, at any moment to past its end. */
    private void kill(Path home, Object... line) throws Exception {
        List<String> first = names(home);
        Process process = DamsonProcess.start(dir, line);
        while (process.isAlive() && names(home).equals(first)) {
            Thread.sleep(1);
        }
        long beganNs = System.nanoTime();
        long waitNs = random.nextLong(measuredNs * 5 / 4 + 1);
        while (process.isAlive() && System.nanoTime() - beganNs < waitNs) {
            Thread.sleep(1);
        }
        if (process.isAlive()) {
            inTime++;
            process.destroyForcibly().waitFor();
        } else {
            assertEquals(ExitCode.OK, process.waitFor(), this::said);
            measuredNs = System.nanoTime() - beganNs;
        }
    }

    private String said() {
        try {
            return Files.readString(dir.resolve("err"));
        } catch (IOException e) {
            return e.toString();
        }
    }

    private static Object[] with(List<Object> words, Object... more) {
        return Stream.concat(words.stream(), Stream.of(more)).toArray();
    }

    /** What a reader gets: rows of each table, and a sum over all regions. */
    private static List<Object> facts(Path trace) throws IOException {
        List<Object> facts = new ArrayList<>();
        try (TraceSource source = Traces.open(trace)) {
            for (Table table : Table.values()) {
                if (!table.isDerived()) { // journals have none of those
                    facts.add(source.rowCount(table));
                }
            }
            long sum = 0;
            Snapshot s = new Snapshot();
            try (TraceSource.SnapshotCursor cursor = source.snapshots(TraceQuery.ALL)) {
                while (cursor.next(s)) {
                    for (int r = 0; r < s.regions; r++) {
                        sum = sum * 31 + s.startNs + s.start[r] + s.nrAccesses[r];
                    }
                }
            }
            facts.add(sum);
        }
        return facts;
    }

    /** Every file under a directory with its size and time of change, but those that take what a process says. */
    private static Map<String, String> state(Path root) throws IOException {
        Map<String, String> state = new TreeMap<>();
        try (Stream<Path> all = Files.walk(root, new FileVisitOption[0])) {
            for (Path p : all.toList()) {
                String name = root.relativize(p).toString();
                if (!name.isEmpty() && !name.equals("out") && !name.equals("err")) {
                    BasicFileAttributes a =
                            Files.readAttributes(p, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
                    state.put(name, a.isDirectory() ? "" : a.size() + " " + a.lastModifiedTime());
                }
            }
        }
        return state;
    }

    private static void copy(Path from, Path to) throws IOException {
        Files.createDirectory(to);
        for (Path file : list(from)) {
            Files.copy(file, to.resolve(file.getFileName()));
        }
    }

    private static List<Path> list(Path home) throws IOException {
        try (Stream<Path> files = Files.list(home)) {
            return files.sorted().toList();
        }
    }

    private static List<String> names(Path home) throws IOException {
        return list(home).stream().map(p -> p.getFileName().toString()).toList();
    }
}
