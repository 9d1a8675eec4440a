package org.damson.cli.trace;

import java.io.IOException;
import java.util.List;
import java.util.Locale;
import org.apache.commons.cli.CommandLine;
import org.damson.cli.command.OutputFile;
import org.damson.cli.command.Shared;
import org.damson.cli.command.UsageException;
import org.damson.cli.console.Console;
import org.damson.exchange.profile.Collapsed;
import org.damson.exchange.profile.CounterTrack;
import org.damson.exchange.profile.FirefoxProfile;
import org.damson.exchange.profile.Perfetto;
import org.damson.exchange.profile.Pprof;
import org.damson.exchange.profile.Speedscope;
import org.damson.model.InvalidInputException;
import org.damson.model.Table;
import org.damson.model.TraceQuery;
import org.damson.model.TraceSource;
import org.damson.model.Units;
import org.damson.model.stacks.StackReader;
import org.damson.model.stacks.StackSamples;

/** Call stacks of a trace, or of a time of it, in the formats of profilers. */
final class StackExport {
    static final List<String> FORMATS = List.of("speedscope", "collapsed", "pprof", "perfetto", "firefox");

    private StackExport() {}

    /** What writes them; everything that can be refused has been looked at. */
    static OutputFile.Body of(TraceSource trace, String name, String format, CommandLine line, Console console)
            throws IOException {
        TraceQuery query = Shared.time(line, Shared.startNs(trace));
        StackSamples samples = StackReader.read(trace, query.fromNs(), query.toNs());
        List<CounterTrack> counters = format.equals("perfetto") ? CounterTracks.of(trace, query) : List.of();
        if (samples.count() == 0 && counters.isEmpty()) {
            throw nothing(trace, line);
        }
        console.note(Units.count(samples.count()) + " of " + Units.count(trace.rowCount(Table.SAMPLES), "sample")
                + " with call stacks"
                + (counters.isEmpty() ? "" : ", " + Units.count(counters.size(), "counter") + " of memory"));
        Long toEpochNs = trace.manifest().toEpochNs;
        return switch (format) {
            case "speedscope" -> out -> Speedscope.write(samples, name, out);
            case "collapsed" -> out -> Collapsed.write(samples, out);
            case "pprof" -> out -> Pprof.write(samples, toEpochNs, out);
            case "perfetto" -> out -> Perfetto.write(samples, counters, out);
            default -> out -> FirefoxProfile.write(samples, name, toEpochNs, out);
        };
    }

    private static RuntimeException nothing(TraceSource trace, CommandLine line) throws IOException {
        StackSamples all = StackReader.read(trace, Long.MIN_VALUE, Long.MAX_VALUE);
        if (all.count() == 0) {
            return new InvalidInputException(trace.name()
                    + ": has no call stacks; record --stacks takes them, import reads those of perf record -g");
        }
        long startNs = Shared.startNs(trace);
        return new UsageException(String.format(
                Locale.ROOT,
                "--time %s leaves nothing: there are %s samples in %.3fs..%.3fs",
                line.getOptionValue(Shared.TIME),
                Units.count(all.count()),
                (all.timesNs()[0] - startNs) / 1e9,
                (all.timesNs()[all.count() - 1] - startNs) / 1e9));
    }
}
