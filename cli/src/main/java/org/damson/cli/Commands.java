package org.damson.cli;

import java.util.ArrayList;
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

/** Every command there is, in the order help lists them. */
public final class Commands {
    public static final List<Command> ALL = List.of(
            new DemoCommand(),
            new RecordCommand(),
            new DoctorCommand(),
            new CertifyCommand(),
            new ImportCommand(),
            new ExportCommand(),
            new TopCommand(),
            new InfoCommand(),
            new DumpCommand(),
            new VerifyCommand(),
            new RecoverCommand(),
            new IndexCommand(),
            new SliceCommand(),
            new MergeCommand(),
            new SymbolizeCommand(),
            new BundleCommand(),
            new AccessCommand(),
            new WorkingSetCommand(),
            new HeatmapCommand(),
            new GuideCommand(),
            new RegionsCommand(),
            new TimesCommand(),
            new ProfileCommand(),
            new HolisticCommand(),
            new EventsCommand(),
            new DamonCommand(),
            TableReportCommand.IDLE,
            TableReportCommand.WINDOWS,
            TableReportCommand.OBJECTS,
            TableReportCommand.FOOTPRINT,
            TableReportCommand.SIZING,
            TableReportCommand.BOUNDS,
            TableReportCommand.PHASES,
            new TimelineCommand(),
            new HtmlCommand(),
            new CompareCommand(),
            new MatrixCommand(),
            new CurvesCommand(),
            new SqlCommand(),
            new SimulateCommand(),
            new TuneCommand(),
            new AdviseCommand(),
            new FleetReportCommand(),
            new FleetCurvesCommand(),
            new FleetSimulateCommand(),
            new FleetSweepCommand(),
            new FleetTuneCommand(),
            new ReplayCommand(),
            new GenerateCommand(),
            new HelpCommand(),
            new CompletionCommand(),
            new SelfWarmCommand());

    private Commands() {}

    /** The command of this full name, or null. */
    public static Command byName(String name) {
        for (Command command : ALL) {
            if (command.name().equals(name)) {
                return command;
            }
        }
        return null;
    }

    /** The commands that help and completion show. */
    static List<Command> visible() {
        List<Command> visible = new ArrayList<>(ALL);
        visible.removeIf(Command::isHidden);
        return visible;
    }

    /** The commands whose first word of two is {@code verb}. */
    static List<Command> group(String verb) {
        return visible().stream().filter(c -> c.name().startsWith(verb + " ")).toList();
    }

    /** Second words of those commands. */
    static List<String> members(String verb) {
        return group(verb).stream()
                .map(c -> c.name().substring(verb.length() + 1))
                .toList();
    }

    /** First words, each once. */
    static List<String> verbs() {
        return visible().stream().map(c -> c.name().split(" ")[0]).distinct().toList();
    }
}
