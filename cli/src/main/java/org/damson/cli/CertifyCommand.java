package org.damson.cli;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
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
import org.damson.analyzer.certificate.AccessLog;
import org.damson.analyzer.certificate.Certificate;
import org.damson.analyzer.certificate.Certifier;
import org.damson.analyzer.render.text.CertificateReports;
import org.damson.cli.command.Command;
import org.damson.cli.command.CommandFailedException;
import org.damson.cli.command.ExitCode;
import org.damson.cli.command.Json;
import org.damson.cli.command.NativeTools;
import org.damson.cli.command.OptionFile;
import org.damson.cli.command.Shared;
import org.damson.cli.command.UsageException;
import org.damson.cli.command.WorkDirectory;
import org.damson.cli.console.Console;
import org.damson.cli.input.Certificates;
import org.damson.cli.input.Inputs;
import org.damson.cli.record.DamonRecording;
import org.damson.cli.record.OverheadOptions;
import org.damson.model.Manifest;
import org.damson.model.ManifestKey;
import org.damson.model.MonitoringAttrs;
import org.damson.model.Snapshot;
import org.damson.model.TraceQuery;
import org.damson.model.TraceSource;
import org.damson.model.Units;
import org.damson.model.text.NativeText;
import org.damson.recorder.referenced.OverheadBudget;
import org.damson.trace.Traces;

/**
 * {@code damson certify}: records known patterns on this machine and says how near the recording comes to what was touched.
 * It runs {@code record} as a user would, on the native generator.
 */
final class CertifyCommand implements Command {
    private static final Option INTERVALS =
            Shared.value(null, "intervals", "SAMPLE,AGGR", "intervals to certify (default: those of record)");

    private static final Option LOG =
            Shared.value(null, "log", "FILE", "judge an existing recording of accessgen, TRACE, by the log of its run");

    private static final String UNBOUNDED = "none";

    /** Patterns last three seconds: with longer aggregation there is nothing to judge. */
    private static final long MAX_AGGR_US = 1_000_000;

    /**
     * One recording of all patterns.
     *
     * @param slowdown its budget in percent, as {@code --max-slowdown} takes it; null for a source that has none
     * @param needed budget with which its busiest snapshot would have been sampled without holding samples back, a share;
     *     NaN if it is not known
     * @param spacingUs mean time from one sample to the next, 0 if not known
     * @param flushed whether the TLB was flushed when bits were cleared
     * @param blind whether the self-test saw less than there was without that
     * @param stored where its certificate is kept; null if it could not be
     */
    private record Run(
            String slowdown,
            Certificate certificate,
            double needed,
            long spacingUs,
            boolean flushed,
            boolean blind,
            Path stored) {}

    @Override
    public String name() {
        return "certify";
    }

    @Override
    public String summary() {
        return "measure the accuracy of recordings on this machine, against known access patterns; exit 1 if too low";
    }

    @Override
    public String usage() {
        return "[--log FILE TRACE] [--source referenced|damon] [--suspend-damon-stat] [--intervals SAMPLE,AGGR] [--max-slowdown PERCENT]"
                + " [--tlb-flush WHEN]";
    }

    @Override
    public String example() {
        return "damson certify";
    }

    @Override
    public boolean endsBySignal() {
        return true;
    }

    @Override
    public Options options() {
        Options all = Shared.of(
                INTERVALS, LOG, (Option) DamonRecording.SOURCE.clone(), (Option) DamonRecording.SUSPEND.clone());
        OverheadOptions.OPTIONS.forEach(o -> all.addOption((Option) o.clone()));
        return all;
    }

    @Override
    public int run(CommandLine line, Console console) throws Exception {
        if (line.hasOption(LOG)) {
            return judge(line, console);
        }
        Shared.positionals(line);
        MonitoringAttrs attrs = Shared.intervals(line, INTERVALS);
        if (attrs != null && attrs.aggrUs() > MAX_AGGR_US) {
            throw new UsageException("--intervals: an aggregation interval of up to 1s, as the patterns last 3 s each");
        }
        boolean damon = DamonRecording.isWanted(line);
        if (damon) {
            OverheadOptions.refuse(line);
        }
        OverheadOptions.unbounded(line); // what is wrong with a value is said before anything is recorded
        String wanted = damon
                ? null
                : line.getOptionValue(OverheadOptions.MAX_SLOWDOWN, UNBOUNDED).replaceFirst(" *%$", "");
        List<Run> runs = new ArrayList<>();
        try (WorkDirectory work = WorkDirectory.create("certify")) {
            Path config = work.resolve("certify.cfg");
            try (InputStream in = CertifyCommand.class.getResourceAsStream("certify.cfg")) {
                Files.copy(in, config);
            }
            runs.add(certify(line, attrs, wanted, config, work, console));
            if (UNBOUNDED.equals(wanted) && !line.hasOption(OverheadOptions.MAX_SLOWDOWN)) {
                String normal = percent(OverheadBudget.DEFAULT_MAX_SLOWDOWN).replace(" %", "");
                runs.add(certify(line, attrs, normal, config, work, console));
            }
        }
        boolean passes = runs.get(0).certificate.passes();
        if (console.isJson()) {
            Json.write(json(runs, passes), console.out());
        } else {
            print(runs, passes, console.out());
        }
        return passes ? ExitCode.OK : ExitCode.FINDINGS;
    }

    /** Judges a recording that was made elsewhere. It is not a certificate of this machine, so nothing is stored. */
    private int judge(CommandLine line, Console console) throws IOException {
        for (Option option : options().getOptions()) {
            if (!option.equals(LOG) && line.hasOption(option)) {
                throw new UsageException(
                        "--log judges an existing recording: --" + option.getLongOpt() + " cannot be combined with it");
            }
        }
        Certificate certificate;
        try (TraceSource trace = Inputs.open(Shared.trace(line), console)) {
            certificate = Certifier.certify(
                    trace,
                    AccessLog.read(
                            OptionFile.noDirectory(
                                    "--log " + line.getOptionValue(LOG), NativeText.path(line.getOptionValue(LOG))),
                            trace.manifest().pageBytes()));
        }
        if (console.isJson()) {
            Json.write(CertificateReports.json(certificate), console.out());
        } else {
            console.out().print(CertificateReports.text(certificate));
        }
        return certificate.passes() ? ExitCode.OK : ExitCode.FINDINGS;
    }

    /** The last line that a failed recording said, without the program's name, which whoever prints it puts before it. */
    private static String reason(String said) {
        String text = said.strip();
        String last = text.substring(text.lastIndexOf('\n') + 1);
        return last.startsWith("damson: ") ? last.substring("damson: ".length()) : last;
    }

    private static Run certify(
            CommandLine line, MonitoringAttrs attrs, String slowdown, Path config, WorkDirectory work, Console console)
            throws IOException {
        String tag = slowdown == null ? "damon" : slowdown;
        Path trace = work.resolve("run-" + tag + ".damson");
        Path log = work.resolve("log-" + tag + ".csv");
        List<String> record = new ArrayList<>(List.of("record", "-o", trace.toString()));
        if (line.hasOption(DamonRecording.SOURCE)) {
            record.addAll(List.of("--source", line.getOptionValue(DamonRecording.SOURCE)));
        }
        if (line.hasOption(DamonRecording.SUSPEND)) {
            record.add("--" + DamonRecording.SUSPEND.getLongOpt());
        }
        if (attrs != null) {
            record.addAll(List.of("--sample", attrs.sampleUs() + "us", "--aggr", attrs.aggrUs() + "us"));
        }
        if (slowdown != null) {
            record.addAll(List.of("--max-slowdown", slowdown));
        }
        if (line.hasOption(OverheadOptions.TLB_FLUSH)) {
            record.addAll(List.of("--tlb-flush", line.getOptionValue(OverheadOptions.TLB_FLUSH)));
        }
        record.addAll(List.of(
                "--",
                "/bin/sh",
                "-c",
                "exec \"$0\" run --log \"$1\" \"$2\" >/dev/null",
                NativeTools.accessgen().toString(),
                log.toString(),
                config.toString()));
        console.note("recording known patterns, half a minute"
                + (slowdown == null
                        ? ""
                        : slowdown.equals(UNBOUNDED)
                                ? ", whatever it costs the recorded program"
                                : ", within a slowdown of " + slowdown + " %"));
        ByteArrayOutputStream said = new ByteArrayOutputStream();
        try (PrintStream quiet = new PrintStream(said, true, StandardCharsets.UTF_8)) {
            int code = Cli.run(
                    record.toArray(String[]::new),
                    new Console(quiet, quiet, InputStream.nullInputStream(), System.getenv(), false, false));
            if (code != ExitCode.OK && code != ExitCode.PARTIAL) {
                throw new CommandFailedException(code, reason(said.toString(StandardCharsets.UTF_8)));
            }
        }
        try (TraceSource recorded = Traces.open(trace)) {
            Certificate certificate = Certifier.certify(
                    recorded, AccessLog.read(log, recorded.manifest().pageBytes()));
            Manifest facts = recorded.manifest();
            return new Run(
                    slowdown,
                    certificate,
                    neededBudget(recorded),
                    (long) ManifestKey.SPACING_MEAN.number(facts, 0),
                    ManifestKey.TLB_FLUSH.isTrue(facts),
                    ManifestKey.TLB_BLIND.isTrue(facts),
                    stored(recorded.manifest(), certificate, console));
        }
    }

    /** Where the certificate is kept for recordings to come; null where nothing can be kept, which takes nothing from what was found. */
    private static Path stored(Manifest like, Certificate certificate, Console console) {
        try {
            return Certificates.store(like, certificate.summary());
        } catch (IOException e) {
            console.note("note: not stored for recordings to come: " + e.getMessage()
                    + (e instanceof AccessDeniedException ? ": permission denied" : ""));
            return null;
        }
    }

    /** Pages touched in a sample, times what such a touch costs, over the sampling interval: of the busiest snapshot. */
    private static double neededBudget(TraceSource trace) throws IOException {
        Manifest facts = trace.manifest();
        ManifestKey ofFlush =
                ManifestKey.TLB_FLUSH.isTrue(facts) ? ManifestKey.PAGE_TOUCH_FLUSHED : ManifestKey.PAGE_TOUCH;
        Object pageNs = ofFlush.get(facts);
        if (!(pageNs instanceof Number cost)) {
            return Double.NaN;
        }
        long most = 0;
        try (TraceSource.SnapshotCursor cursor = trace.snapshots(TraceQuery.ALL)) {
            Snapshot s = new Snapshot();
            while (cursor.next(s)) {
                long bytes = 0;
                for (int i = 0; i < s.regions; i++) {
                    bytes += s.referencedMean[i];
                }
                most = Math.max(most, bytes);
            }
        }
        return most / 4096.0 * cost.doubleValue() / (trace.manifest().attrs.sampleUs() * 1000.0);
    }

    private static void print(List<Run> runs, boolean passes, PrintStream out) {
        for (Run run : runs) {
            out.println(title(run));
            out.print(CertificateReports.text(run.certificate));
            out.println();
        }
        Run first = runs.get(0);
        if (UNBOUNDED.equals(first.slowdown)) {
            out.println("slowdown budget that this accuracy needs here: "
                    + (Double.isNaN(first.needed)
                            ? "not known, the self-test could not measure it (damson doctor --self-test)"
                            : percent(first.needed) + " (--max-slowdown); with less, samples come further apart"));
        }
        out.println("verdict: " + (passes ? "certified" : "not certified" + why(first)));
        if (runs.stream().allMatch(r -> r.stored != null)) {
            out.println("stored for recordings to come on this machine with these intervals and these budgets");
        }
    }

    private static String why(Run run) {
        return !run.certificate.passes() && run.blind && !run.flushed
                ? ": without a TLB flush this machine does not show memory in steady use (--tlb-flush)"
                : "";
    }

    private static String title(Run run) {
        return run.slowdown == null
                ? "kernel DAMON"
                : "referenced bits "
                        + (run.slowdown.equals(UNBOUNDED)
                                ? "without a bound on the slowdown"
                                : "within a slowdown of " + run.slowdown + " %")
                        + (run.spacingUs > 0 ? ", a sample every " + Units.duration(run.spacingUs * 1000) : "")
                        + (run.flushed ? "" : ", TLB not flushed");
    }

    private static Map<String, Object> json(List<Run> runs, boolean passes) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("certified", passes);
        List<Map<String, Object>> all = new ArrayList<>();
        for (Run run : runs) {
            Map<String, Object> entry = new LinkedHashMap<>();
            entry.put("max_slowdown_percent", run.slowdown);
            entry.put("slowdown_needed", Double.isNaN(run.needed) ? null : run.needed);
            entry.put("sample_spacing_mean_us", run.spacingUs);
            entry.put("tlb_flush", run.flushed);
            entry.put("tlb_blind_without", run.blind);
            entry.putAll(CertificateReports.json(run.certificate));
            entry.put("stored", run.stored == null ? null : run.stored.toString());
            all.add(entry);
        }
        json.put("runs", all);
        return json;
    }

    private static String percent(double share) {
        double percent = share * 100;
        return percent == Math.rint(percent)
                ? String.format(Locale.ROOT, "%.0f %%", percent)
                : String.format(Locale.ROOT, "%.1f %%", percent);
    }
}
