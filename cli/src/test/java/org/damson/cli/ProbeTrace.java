package org.damson.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.damson.cli.command.ExitCode;

/** A recording in which a data attribute probe found something. */
final class ProbeTrace {
    private static final String EVENT =
            "kdamond.0-7 [000] ..... 1.%d00000: damon_region_aggregated: target_id=0 nr_regions=1 4096-8192: 0 %d probe_hits=13\n";

    private ProbeTrace() {}

    /** Its trace, in a directory. */
    static Path in(Path dir) throws IOException {
        Path text = Files.writeString(dir.resolve("probes.txt"), EVENT.formatted(0, 7) + EVENT.formatted(1, 8));
        Path trace = dir.resolve("probes.damson");
        CliRun.of("import", text, "-o", trace).expect(ExitCode.OK);
        return trace;
    }
}
