package org.damson.cli;

import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.Map;
import org.apache.commons.cli.CommandLine;
import org.apache.commons.cli.Options;
import org.damson.cli.command.Command;
import org.damson.cli.command.ExitCode;
import org.damson.cli.command.Version;
import org.damson.cli.command.WorkDirectory;
import org.damson.cli.console.Console;
import org.damson.cli.input.TraceFiles;
import org.damson.model.Manifest;
import org.damson.model.Manifest.Source;
import org.damson.model.MonitoringAttrs;
import org.damson.model.Snapshot;

/**
 * {@code damson self-warm}: runs a small trace through the common commands, so that the launcher can archive the
 * classes they load.
 */
final class SelfWarmCommand implements Command {
    @Override
    public String name() {
        return "self-warm";
    }

    @Override
    public boolean hasJson() {
        return false;
    }

    @Override
    public String summary() {
        return "load the classes of a typical run";
    }

    @Override
    public String usage() {
        return "";
    }

    @Override
    public String example() {
        return "damson self-warm";
    }

    @Override
    public Options options() {
        return new Options();
    }

    @Override
    public boolean isHidden() {
        return true;
    }

    @Override
    public int run(CommandLine line, Console console) throws Exception {
        Console silent = new Console(
                OutputStream.nullOutputStream(),
                OutputStream.nullOutputStream(),
                InputStream.nullInputStream(),
                Map.of(),
                false,
                false);
        int worst = ExitCode.OK;
        try (WorkDirectory work = WorkDirectory.create("warm")) {
            String trace = work.resolve("t.damson").toString();
            TraceFiles.create(Path.of(trace), manifest(), sink -> {
                Snapshot s = new Snapshot();
                for (int i = 0; i < 50; i++) {
                    s.clear();
                    s.startNs = i * 100_000_000L;
                    s.endNs = s.startNs + 100_000_000L;
                    s.sampleUs = 5_000;
                    s.aggrUs = 100_000;
                    s.columns = Snapshot.HAS_AGE;
                    for (int r = 0; r < 20; r++) {
                        s.add(0x10000L * r, 0x10000L * (r + 1), (i + r) % 21, i);
                    }
                    sink.append(s);
                }
            });
            String[][] commands = {
                {"--version"},
                {"help"},
                {"info", trace},
                {"verify", trace},
                {"report", "wss", trace},
                {"report", "heatmap", trace},
                {"report", "heatmap", trace, "--output", work.resolve("h.png").toString()},
                {"report", "guide", trace},
                {"report", "idle", trace},
                {"report", "windows", trace},
                {"report", "sizing", trace},
                {"compare", trace, trace},
            };
            for (String[] command : commands) {
                worst = Math.max(worst, Cli.run(command, silent));
            }
        }
        return worst;
    }

    private static Manifest manifest() {
        Manifest m = new Manifest();
        m.toolVersion = Version.text();
        m.source = Source.SYNTHETIC.text();
        m.clock = Manifest.ClockKind.MONOTONIC;
        m.attrs = MonitoringAttrs.DEFAULTS;
        return m;
    }
}
