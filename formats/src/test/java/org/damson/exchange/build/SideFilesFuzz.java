package org.damson.exchange.build;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.damson.exchange.DiscardingSink;
import org.damson.exchange.Importers;

/** A file that damo writes beside a recording; the first byte chooses which. The recording itself is always the same. */
public final class SideFilesFuzz {
    private static final List<String> ENDINGS = List.of(".kdamonds", ".mem_footprint", ".vmas", ".proc_stats");
    private static final String RECORDING =
            """
            kdamond.0-12 [000] d..1 10.000001: damon_aggregated: target_id=0 nr_regions=1 4096-8192: 3 1
            kdamond.0-12 [000] d..1 10.100001: damon_aggregated: target_id=0 nr_regions=1 4096-8192: 3 1
            """;
    private static final Path FILE = create();

    private SideFilesFuzz() {}

    private static Path create() {
        try {
            Path memory = Path.of("/dev/shm");
            Path dir = Files.isWritable(memory)
                    ? Files.createTempDirectory(memory, "damson-fuzz-")
                    : Files.createTempDirectory("damson-fuzz-");
            dir.toFile().deleteOnExit();
            Path file = dir.resolve("recording");
            Files.writeString(file, RECORDING);
            file.toFile().deleteOnExit();
            return file;
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    public static void fuzzerTestOneInput(byte[] data) throws IOException {
        if (data.length == 0) {
            return;
        }
        String ending = ENDINGS.get((data[0] & 0xff) % ENDINGS.size());
        Path beside = FILE.resolveSibling("recording" + ending);
        try {
            Files.write(beside, java.util.Arrays.copyOfRange(data, 1, data.length));
            // Whatever stands in a side file, the recording beside it can be imported.
            Importers.importFile(FILE, ImportOptions.NONE, DiscardingSink::new);
        } finally {
            Files.deleteIfExists(beside);
        }
    }
}
