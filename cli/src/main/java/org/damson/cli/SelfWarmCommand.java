package org.damson.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.Map;
import org.apache.commons.cli.CommandLine;
import org.damson.cli.command.Command;
import org.damson.cli.command.ExitCode;
import org.damson.cli.command.Version;
import org.damson.cli.command.WorkDirectory;
import org.damson.cli.console.Console;
import org.damson.cli.input.TraceFiles;
import org.damson.model.Batch;
import org.damson.model.Manifest;
import org.damson.model.Manifest.Source;
import org.damson.model.MonitoringAttrs;
import org.damson.model.Snapshot;
import org.damson.model.Table;
import org.damson.model.TraceSink;
import org.damson.trace.parquet.ZstdCodecs;

/**
 * {@code damson self-warm}: runs a small trace through the common commands, so that the launcher can archive the
 * classes they load.
 */
final class SelfWarmCommand implements Command {
    /** Where the launcher wants the native library that traces are read with, if anywhere. */
    private static final String LIBRARY = "damson.library.unpack";

    /** Set where each start loads all that is archived, so that it is to be what most starts need. */
    private static final String COMMON = "damson.warm.common";

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
        int worst;
        try (WorkDirectory work = WorkDirectory.create("warm")) {
            String trace = work.resolve("t.damson").toString();
            TraceFiles.create(Path.of(trace), manifest(), SelfWarmCommand::fill);
            String[][] common = {
                {"--version"},
                {"help"},
                {"info", trace},
                {"verify", trace},
                {"report", "wss", trace},
                {"report", "heatmap", trace},
                {"report", "guide", trace},
                {"report", "idle", trace},
                {"report", "windows", trace},
            };
            String[][] others = {
                {"report", "heatmap", trace, "--output", work.resolve("h.png").toString()},
                {"report", "sizing", trace},
                {"compare", trace, trace},
                {"simulate", trace, "--scheme", "pageout access=0..0 age=2s..max"},
            };
            worst = Math.max(run(common, silent), Boolean.getBoolean(COMMON) ? ExitCode.OK : run(others, silent));
        }
        String library = System.getProperty(LIBRARY);
        if (library != null) {
            ZstdCodecs.unpack(Path.of(library));
        }
        return worst;
    }

    private static void fill(TraceSink sink) throws IOException {
        Snapshot s = new Snapshot();
        for (int i = 0; i < 200; i++) {
            s.clear();
            s.startNs = i * 100_000_000L;
            s.endNs = s.startNs + 100_000_000L;
            s.sampleUs = 5_000;
            s.aggrUs = 100_000;
            s.columns = Snapshot.HAS_AGE;
            for (int r = 0; r < 100; r++) {
                // So many different numbers that pages are laid out as those of long traces are.
                int mixed = (i * 31 + r) * 0x9e3779b1 >>> 8;
                s.add(0x10000L * r, 0x10000L * (r + 1) - mixed % 3 * 4096, mixed % 21, i % (r + 7));
            }
            sink.append(s);
        }
        Batch memory = new Batch(Table.MEMORY);
        Batch mappings = new Batch(Table.MAPPINGS);
        for (int i = 0; i < 40; i++) {
            memory.add(i * 500_000_000L, 1, i % 2 == 0 ? "rss" : "pss", i % 5);
            mappings.add(0, 1, 0x10000L * i, 0x10000L * i + 4096, "rw-p", i % 4 == 0 ? "[heap]" : "", 0);
        }
        sink.append(memory);
        sink.append(mappings);
    }

    private static int run(String[][] commands, Console console) {
        int worst = ExitCode.OK;
        for (String[] command : commands) {
            worst = Math.max(worst, Cli.run(command, console));
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
