package org.damson.cli;

import java.util.List;
import org.damson.cli.command.Command;
import org.damson.cli.fleet.FleetCurvesCommand;
import org.damson.cli.fleet.FleetReportCommand;
import org.damson.cli.fleet.FleetSimulateCommand;
import org.damson.cli.fleet.FleetSweepCommand;
import org.damson.cli.fleet.FleetTuneCommand;
import org.damson.cli.record.DamonCommand;
import org.damson.cli.record.DoctorCommand;
import org.damson.cli.record.RecordCommand;
import org.damson.cli.replay.CapsuleCommand;
import org.damson.cli.replay.GenerateCommand;
import org.damson.cli.replay.ReplayCommand;
import org.damson.cli.report.AccessCommand;
import org.damson.cli.report.CompareCommand;
import org.damson.cli.report.EventsCommand;
import org.damson.cli.report.GuideCommand;
import org.damson.cli.report.HeatmapCommand;
import org.damson.cli.report.HolisticCommand;
import org.damson.cli.report.MatrixCommand;
import org.damson.cli.report.ProfileCommand;
import org.damson.cli.report.RegionsCommand;
import org.damson.cli.report.TableReportCommand;
import org.damson.cli.report.TimelineCommand;
import org.damson.cli.report.TimesCommand;
import org.damson.cli.report.TopCommand;
import org.damson.cli.report.WorkingSetCommand;
import org.damson.cli.sql.SqlCommand;
import org.damson.cli.trace.BundleCommand;
import org.damson.cli.trace.DumpCommand;
import org.damson.cli.trace.ExportCommand;
import org.damson.cli.trace.ImportCommand;
import org.damson.cli.trace.IndexCommand;
import org.damson.cli.trace.InfoCommand;
import org.damson.cli.trace.MergeCommand;
import org.damson.cli.trace.RecoverCommand;
import org.damson.cli.trace.SliceCommand;
import org.damson.cli.trace.SymbolizeCommand;
import org.damson.cli.trace.VerifyCommand;
import org.damson.cli.whatif.AdviseCommand;
import org.damson.cli.whatif.CurvesCommand;
import org.damson.cli.whatif.HtmlCommand;
import org.damson.cli.whatif.SimulateCommand;
import org.damson.cli.whatif.TuneCommand;

/** Every command there is, in the order help lists them. Each is made when it is asked for, as a start needs but one. */
public final class Commands {
    static final List<String> NAMES = List.of(
            "demo",
            "record",
            "doctor",
            "certify",
            "import",
            "export",
            "top",
            "info",
            "dump",
            "verify",
            "recover",
            "index",
            "slice",
            "merge",
            "symbolize",
            "bundle",
            "report access",
            "report attrs",
            "report wss",
            "report heatmap",
            "report guide",
            "report regions",
            "report times",
            "report profile",
            "report holistic",
            "report trace",
            "report damon",
            "report idle",
            "report windows",
            "report objects",
            "report footprint",
            "report sizing",
            "report bounds",
            "report phases",
            "report timeline",
            "report html",
            "compare",
            "report matrix",
            "report curves",
            "sql",
            "simulate",
            "tune",
            "advise",
            "fleet report",
            "fleet curves",
            "fleet simulate",
            "fleet sweep",
            "fleet tune",
            "replay",
            "capsule",
            "generate",
            "help",
            "completion",
            "self-warm");

    private Commands() {}

    /** The command of this full name, or null. */
    public static Command byName(String name) {
        return switch (name) {
            case "demo" -> new DemoCommand();
            case "record" -> new RecordCommand();
            case "doctor" -> new DoctorCommand();
            case "certify" -> new CertifyCommand();
            case "import" -> new ImportCommand();
            case "export" -> new ExportCommand();
            case "top" -> new TopCommand();
            case "info" -> new InfoCommand();
            case "dump" -> new DumpCommand();
            case "verify" -> new VerifyCommand();
            case "recover" -> new RecoverCommand();
            case "index" -> new IndexCommand();
            case "slice" -> new SliceCommand();
            case "merge" -> new MergeCommand();
            case "symbolize" -> new SymbolizeCommand();
            case "bundle" -> new BundleCommand();
            case "report access" -> AccessCommand.ofAccesses();
            case "report attrs" -> AccessCommand.ofAttributes();
            case "report wss" -> new WorkingSetCommand();
            case "report heatmap" -> new HeatmapCommand();
            case "report guide" -> new GuideCommand();
            case "report regions" -> new RegionsCommand();
            case "report times" -> new TimesCommand();
            case "report profile" -> new ProfileCommand();
            case "report holistic" -> new HolisticCommand();
            case "report trace" -> new EventsCommand();
            case "report damon" -> new DamonCommand();
            case "report idle" -> TableReportCommand.IDLE;
            case "report windows" -> TableReportCommand.WINDOWS;
            case "report objects" -> TableReportCommand.OBJECTS;
            case "report footprint" -> TableReportCommand.FOOTPRINT;
            case "report sizing" -> TableReportCommand.SIZING;
            case "report bounds" -> TableReportCommand.BOUNDS;
            case "report phases" -> TableReportCommand.PHASES;
            case "report timeline" -> new TimelineCommand();
            case "report html" -> new HtmlCommand();
            case "compare" -> new CompareCommand();
            case "report matrix" -> new MatrixCommand();
            case "report curves" -> new CurvesCommand();
            case "sql" -> new SqlCommand();
            case "simulate" -> new SimulateCommand();
            case "tune" -> new TuneCommand();
            case "advise" -> new AdviseCommand();
            case "fleet report" -> new FleetReportCommand();
            case "fleet curves" -> new FleetCurvesCommand();
            case "fleet simulate" -> new FleetSimulateCommand();
            case "fleet sweep" -> new FleetSweepCommand();
            case "fleet tune" -> new FleetTuneCommand();
            case "replay" -> new ReplayCommand();
            case "capsule" -> new CapsuleCommand();
            case "generate" -> new GenerateCommand();
            case "help" -> new HelpCommand();
            case "completion" -> new CompletionCommand();
            case "self-warm" -> new SelfWarmCommand();
            default -> null;
        };
    }

    /** All of them, those too that help does not show. */
    public static List<Command> all() {
        return NAMES.stream().map(Commands::byName).toList();
    }

    /** The commands that help and completion show. */
    static List<Command> visible() {
        return all().stream().filter(c -> !c.isHidden()).toList();
    }

    /** The commands whose first word of two is {@code verb}. */
    static List<Command> group(String verb) {
        return visible().stream().filter(c -> c.name().startsWith(verb + " ")).toList();
    }

    /** Second words of those commands. */
    static List<String> members(String verb) {
        return NAMES.stream()
                .filter(n -> n.startsWith(verb + " "))
                .map(n -> n.substring(verb.length() + 1))
                .toList();
    }

    /** First words, each once. */
    static List<String> verbs() {
        return visible().stream().map(c -> c.name().split(" ")[0]).distinct().toList();
    }

    /** What a first word does, or which second words it has. */
    static String summary(String verb) {
        Command command = byName(verb);
        return command == null ? "one of " + String.join(", ", members(verb)) : command.summary();
    }
}
