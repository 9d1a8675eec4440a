package org.damson.cli.replay;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.commons.cli.CommandLine;
import org.apache.commons.cli.Option;
import org.apache.commons.cli.Options;
import org.damson.analyzer.compare.CompareOptions;
import org.damson.analyzer.compare.CompareResult;
import org.damson.analyzer.render.text.JsonReports;
import org.damson.analyzer.render.text.TextReports;
import org.damson.cli.command.Command;
import org.damson.cli.command.CommandFailedException;
import org.damson.cli.command.ExitCode;
import org.damson.cli.command.Json;
import org.damson.cli.command.NativeTools;
import org.damson.cli.command.Shared;
import org.damson.cli.command.UsageException;
import org.damson.cli.command.WorkDirectory;
import org.damson.cli.console.Console;
import org.damson.cli.input.Inputs;
import org.damson.cli.input.TraceFiles;
import org.damson.cli.record.OverheadOptions;
import org.damson.cli.report.CompareCommand;
import org.damson.model.InvalidInputException;
import org.damson.model.Manifest.Source;
import org.damson.model.TraceQuery;
import org.damson.model.TraceSource;
import org.damson.model.Units;
import org.damson.model.text.NativeText;
import org.damson.recorder.referenced.SelfTest;
import org.damson.recorder.referenced.TlbFlush;
import org.damson.replayer.ReplayOptions;
import org.damson.replayer.ReplayPlan;
import org.damson.replayer.ReplayPlanner;
import org.damson.replayer.ReplayReport;
import org.damson.replayer.Replayer;

/** {@code damson replay TRACE}: touches memory as the trace says it was touched. */
public final class ReplayCommand implements Command {
    private static final Option SPEED =
            Shared.value(null, "speed", "X", "play X times as fast as recorded (default 1)");
    private static final Option LIMIT =
            Shared.value(null, "max-memory", "SIZE", "upper bound on the memory the replay touches (default 4 GiB)");
    private static final Option RECORD =
            Shared.value(null, "record", "NEW", "record the replay, the touching process alone, into this new trace");
    private static final Option VERIFY =
            Shared.flag(null, "verify", "record the replay and compare it with the trace; exit as compare does");

    /** Share of the intended touches below which a replay that cannot be compared has failed. */
    private static final double ENOUGH = 0.95;

    private static final Option TLB_FLUSH = Shared.value(
            null,
            "tlb-flush",
            "WHEN",
            "have the generator flush its TLB once a slice, for who watches it without: auto (default; not when recorded"
                    + " by damson, which flushes itself), always, never");

    @Override
    public String name() {
        return "replay";
    }

    @Override
    public String summary() {
        return "touch memory as recorded in a trace, at the recorded times";
    }

    @Override
    public String usage() {
        return "TRACE [--verify [--tolerance D]] [--record NEW] [--speed X] [--max-memory SIZE]";
    }

    @Override
    public String example() {
        return "damson replay run.damson --verify";
    }

    @Override
    public Options options() {
        return Shared.of(VERIFY, CompareCommand.TOLERANCE, RECORD, SPEED, LIMIT, TLB_FLUSH);
    }

    @Override
    public int run(CommandLine line, Console console) throws Exception {
        Path path = NativeText.path(Shared.positionals(line, "TRACE").get(0));
        double speed = line.hasOption(SPEED) ? Shared.number(SPEED, line.getOptionValue(SPEED)) : 1;
        if (speed <= 0 || speed > 1000) {
            throw new UsageException("--speed: more than 0, at most 1000");
        }
        long limit = 4L << 30;
        if (line.hasOption(LIMIT)) {
            try {
                limit = Units.parseBytes(line.getOptionValue(LIMIT));
            } catch (InvalidInputException e) {
                throw new UsageException("--max-memory: " + e.getMessage());
            }
            if (limit <= 0) {
                throw new UsageException("--max-memory: more than 0");
            }
        }
        ReplayOptions options = new ReplayOptions(speed, limit);
        TlbFlush flush = OverheadOptions.tlbFlush(line.getOptionValue(TLB_FLUSH, "auto"));
        CompareOptions tolerance = CompareCommand.compareOptions(line);
        Path record = line.hasOption(RECORD) ? Shared.newPath(line.getOptionValue(RECORD)) : null;
        Path accessgen = NativeTools.accessgen();
        try (WorkDirectory work = WorkDirectory.create("replay");
                TraceSource trace = Inputs.open(path, console)) {
            Path planFile = work.resolve("plan");
            ReplayPlan plan;
            try (Writer out = Files.newBufferedWriter(planFile)) {
                plan = ReplayPlanner.plan(trace, TraceQuery.ALL, options, out);
            }
            refuseMoreThanThereIs(plan);
            boolean verify = line.hasOption(VERIFY);
            boolean comparable = Source.REFERENCED.is(trace.manifest());
            if (record == null && !(verify && comparable)) {
                return done(Replayer.run(accessgen, planFile, flushes(flush, console)), plan, null, verify, console);
            }
            Path recorded = record != null ? record : work.resolve("replay.damson");
            ReplayRecording replay = ReplayRecording.play(
                    accessgen, planFile, plan, trace.manifest(), recorded, flush == TlbFlush.ALWAYS, console);
            CompareResult compared = verify && comparable ? replay.compare(trace, recorded, tolerance) : null;
            int code = done(replay.report(), plan, compared, verify, console);
            if (record != null) {
                TraceFiles.announce(record, console);
            }
            return code;
        }
    }

    /** Whether the generator flushes, and what a slice's touches cost more for it. */
    private static boolean flushes(TlbFlush flush, Console console) throws InterruptedException {
        if (flush == TlbFlush.NEVER) {
            return false;
        }
        SelfTest test = OverheadOptions.selfTest();
        boolean flushes = flush == TlbFlush.ALWAYS || test.blind() != SelfTest.Blind.NO;
        if (flushes) {
            console.note(
                    "the generator flushes its TLB once a slice, so that a second touch sets the accessed bit again;"
                            + " self-test: " + test.text());
        }
        return flushes;
    }

    private static void refuseMoreThanThereIs(ReplayPlan plan) throws IOException {
        for (String meminfo : Files.readAllLines(Path.of("/proc/meminfo"))) {
            if (meminfo.startsWith("MemAvailable:")) {
                long available = Long.parseLong(meminfo.replaceAll("\\D", "")) << 10;
                if (plan.sizeBytes() > available) {
                    throw new CommandFailedException(
                            ExitCode.CAPABILITY,
                            "the replay needs " + Units.bytes(plan.sizeBytes()) + " of memory, this machine has "
                                    + Units.bytes(available) + " left");
                }
            }
        }
    }

    private static int done(ReplayReport r, ReplayPlan plan, CompareResult compared, boolean verify, Console console)
            throws IOException {
        boolean good = !verify || (compared != null ? compared.same() : r.achieved() >= ENOUGH);
        int code = good ? ExitCode.OK : compared != null ? CompareCommand.exitCode(compared) : ExitCode.FINDINGS;
        if (console.isJson()) {
            Map<String, Object> json = json(r, plan);
            if (verify) {
                json.put("verified", good);
            }
            if (compared != null) {
                ByteArrayOutputStream text = new ByteArrayOutputStream();
                JsonReports.compare(compared, text);
                json.put(
                        "compare",
                        new Json.Raw(text.toString(StandardCharsets.UTF_8).strip()));
            }
            Json.write(json, console.out());
        } else {
            print(r, plan, console.out());
            if (compared != null) {
                console.out().println();
                console.out().println("The trace (A) and the recording of its replay (B):");
                console.out().print(TextReports.compare(compared));
            } else if (verify) {
                console.note("note: this trace was not recorded through referenced bits, as a replay is here:"
                        + " the verdict is on touches alone");
                console.out()
                        .printf(
                                Locale.ROOT,
                                "verdict: %s, %.2f %% of the intended touches were made (%.0f %% are enough)%n",
                                good ? "replayed" : "not replayed",
                                100 * r.achieved(),
                                100 * ENOUGH);
            }
        }
        return code;
    }

    private static void print(ReplayReport r, ReplayPlan plan, PrintStream out) {
        line(
                out,
                "Memory:",
                Units.bytes(plan.sizeBytes()) + " in "
                        + Units.count(plan.places().size()) + " areas of "
                        + (plan.targets() == 1 ? "1 target" : plan.targets() + " targets"));
        line(out, "Touched:", touches(r.touchedPages(), r.intendedPages()) + " pages intended");
        for (int i = 0; i < r.classes().size(); i++) {
            ReplayReport.Touches t = r.classes().get(i);
            if (t.intendedPages() > 0) {
                line(
                        out,
                        "",
                        touches(t.touchedPages(), t.intendedPages()) + " in regions seen in "
                                + ReplayPlanner.CLASSES.get(i));
            }
        }
        line(
                out,
                "Slices:",
                Units.count(r.slices()) + ", " + Units.count(r.lateSlices()) + " begun late ("
                        + Units.count(r.lateWakeups()) + " of them woken late), " + Units.count(r.shedSlices())
                        + " left out");
        line(out, "Lateness:", "mean " + Units.duration(r.meanLateNs()) + ", most " + Units.duration(r.maxLateNs()));
        if (r.tlbFlushes() > 0) {
            line(
                    out,
                    "Flushes:",
                    Units.count(r.tlbFlushes()) + " of the TLB, which took " + Units.duration(r.tlbFlushNs()));
        }
        line(out, "Took:", Units.duration(r.wallNs()));
    }

    private static void line(PrintStream out, String label, String text) {
        out.printf("%-10s%s%n", label, text);
    }

    private static String touches(long touched, long intended) {
        double percent = intended == 0 ? 100 : 100.0 * touched / intended;
        return String.format(Locale.ROOT, "%s of %s (%.2f %%)", Units.count(touched), Units.count(intended), percent);
    }

    private static Map<String, Object> json(ReplayReport r, ReplayPlan plan) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("memory_bytes", plan.sizeBytes());
        json.put("areas", plan.places().size());
        json.put("targets", plan.targets());
        json.put("intended_pages", r.intendedPages());
        json.put("touched_pages", r.touchedPages());
        json.put("tlb_flushes", r.tlbFlushes());
        json.put("tlb_flush_ns", r.tlbFlushNs());
        List<Map<String, Object>> classes = new ArrayList<>();
        for (int i = 0; i < r.classes().size(); i++) {
            Map<String, Object> entry = new LinkedHashMap<>();
            entry.put("seen_in", ReplayPlanner.CLASSES.get(i));
            entry.put("intended_pages", r.classes().get(i).intendedPages());
            entry.put("touched_pages", r.classes().get(i).touchedPages());
            classes.add(entry);
        }
        json.put("classes", classes);
        json.put("slices", r.slices());
        json.put("late_slices", r.lateSlices());
        json.put("late_wakeups", r.lateWakeups());
        json.put("shed_slices", r.shedSlices());
        json.put("max_late_ns", r.maxLateNs());
        json.put("mean_late_ns", r.meanLateNs());
        json.put("wall_ns", r.wallNs());
        return json;
    }
}
