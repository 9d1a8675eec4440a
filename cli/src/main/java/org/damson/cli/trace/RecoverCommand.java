package org.damson.cli.trace;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.commons.cli.CommandLine;
import org.apache.commons.cli.Options;
import org.damson.cli.command.Command;
import org.damson.cli.command.ExitCode;
import org.damson.cli.command.Json;
import org.damson.cli.command.Shared;
import org.damson.cli.console.Console;
import org.damson.cli.input.CurvesOption;
import org.damson.cli.input.TraceSeriesInput;
import org.damson.cli.record.DamonRecording;
import org.damson.model.Manifest.Source;
import org.damson.model.ManifestKey;
import org.damson.model.TraceSource;
import org.damson.model.Units;
import org.damson.model.text.Printable;
import org.damson.recorder.damon.KilledRecording;
import org.damson.trace.RecoverReport;
import org.damson.trace.Traces;

/** {@code damson recover TRACE}: seals what a recorder that died left behind. */
public final class RecoverCommand implements Command {
    @Override
    public String name() {
        return "recover";
    }

    @Override
    public String summary() {
        return "seal a trace or series whose recorder died; keeps everything that was flushed";
    }

    @Override
    public String usage() {
        return "TRACE";
    }

    @Override
    public String example() {
        return "damson recover crashed.damson";
    }

    @Override
    public Options options() {
        return Shared.of(CurvesOption.CURVES);
    }

    @Override
    public int run(CommandLine line, Console console) throws Exception {
        Path path = Shared.trace(line);
        if (!TraceSeriesInput.isSeries(path)) {
            return recover(path, line, console);
        }
        int code = ExitCode.OK;
        for (Path trace : TraceSeriesInput.parts(path)) {
            if (!Files.exists(trace, LinkOption.NOFOLLOW_LINKS) || TraceSeriesInput.isRecording(trace)) {
                code = Math.max(code, recover(trace, line, console));
            }
        }
        return code;
    }

    /** Returns {@link ExitCode#PARTIAL} if what was damaged is not in the result. */
    private static int recover(Path trace, CommandLine line, Console console) throws IOException {
        RecoverReport report = Traces.recover(trace, sink -> CurvesOption.around(sink, line, trace, console));
        boolean lost = report.lostNote() != null && !report.lostNote().isEmpty();
        List<String> left = leftInKernel(trace);
        if (console.isJson()) {
            Map<String, Object> json = new LinkedHashMap<>();
            json.put("rows_recovered", report.rowsRecovered());
            json.put("journal_files", report.batches());
            json.put("lost", lost ? report.lostNote() : null);
            json.put("left_in_kernel", left);
            Json.write(json, console.out());
        } else if (report.batches() == 0 && !lost) {
            console.out().println("nothing to recover in " + Printable.line(trace.toString()));
        } else {
            console.out()
                    .println("recovered " + Units.count(report.rowsRecovered(), "row") + " in "
                            + Units.count(report.batches(), "journal file") + " of "
                            + Printable.line(trace.toString()));
            if (lost) {
                console.out().println("lost: " + Printable.line(report.lostNote()));
            }
        }
        if (!left.isEmpty()) {
            console.noteOnce("the recording was killed and has left in the kernel: " + String.join("; ", left));
            console.noteOnce("sudo damson doctor undoes that, and so does the next recording of DAMON");
        }
        try (TraceSource recovered = Traces.open(trace)) {
            return ManifestKey.DAMAGE.list(recovered.manifest()).isEmpty() ? ExitCode.OK : ExitCode.PARTIAL;
        }
    }

    /** Of a recording of kernel DAMON, which its death does not end. */
    private static List<String> leftInKernel(Path path) throws IOException {
        try (TraceSource trace = Traces.open(path)) {
            return Source.DAMON.is(trace.manifest())
                    ? KilledRecording.left(DamonRecording.SYS, DamonRecording.RUN)
                    : List.of();
        }
    }
}
