package org.damson.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.stream.Stream;
import org.damson.model.Manifest;
import org.damson.model.ManifestKey;
import org.damson.model.Snapshot;
import org.damson.model.TraceSink;
import org.damson.model.TraceSource;
import org.damson.trace.Manifests;
import org.damson.trace.SummedTraces;
import org.damson.trace.Traces;
import org.damson.trace.WriterOptions;

/** Random traces that keep sums, and the same ones whose sums are not believed. */
final class SummedOrNot {
    private SummedOrNot() {}

    /** A trace of one to three targets, of DAMON or of mappings touched in part, with or without ages; all keep sums. */
    static Path write(Path path, Random random, int regions) throws IOException {
        Files.createDirectories(path.getParent());
        int kind = regions > 100 ? 0 : random.nextInt(8);
        int targets = 1 + random.nextInt(regions > 100 ? 2 : 3);
        int snapshots = regions > 100 ? 50 : 12 + random.nextInt(30);
        int columns = kind < 5
                ? Snapshot.HAS_AGE
                : kind == 5 ? 0 : Snapshot.HAS_REFERENCED | Snapshot.HAS_AGE | (kind == 7 ? Snapshot.HAS_WRITTEN : 0);
        int aggrUs = random.nextInt(4) == 0 ? 1_000_000 : 100_000;
        WriterOptions options = random.nextInt(10) > 0
                ? WriterOptions.BATCH
                : WriterOptions.BATCH.segment(500 + random.nextInt(500), Long.MAX_VALUE);
        try (TraceSink sink = SummedTraces.create(path, new Manifest(), options)) {
            Snapshot s = new Snapshot();
            long nowNs = random.nextInt(1_000_000_000);
            for (int i = 0; i < snapshots; i++) {
                long endNs = nowNs + aggrUs * 1000L + random.nextInt(3_000_000);
                for (int t = 0; t < targets; t++) {
                    s.clear();
                    s.target = t;
                    s.startNs = nowNs + random.nextInt(1000);
                    s.endNs = endNs + random.nextInt(1000);
                    s.sampleUs = 5_000;
                    s.aggrUs = random.nextInt(20) == 0 ? 50_000 : aggrUs;
                    s.lost = random.nextInt(30) == 0 ? 2 : 0;
                    // Some snapshots of a few traces have no ages, some have no regions.
                    s.columns = kind == 4 && random.nextInt(10) == 0 ? 0 : columns;
                    fill(s, random, random.nextInt(25) == 0 ? 0 : 1 + random.nextInt(regions), i);
                    sink.append(s);
                }
                nowNs = endNs;
            }
        }
        return path;
    }

    private static void fill(Snapshot s, Random random, int regions, int snapshot) {
        s.reserve(regions);
        long at = 0x5500_0000_0000L;
        for (int k = 0; k < regions; k++) {
            if (k == regions / 3 || k == regions / 2) {
                at += 1L << 36;
            }
            long end = at + 4096L * (1 + random.nextInt(200));
            boolean isHot = k % 7 == 0 || k > regions / 2 && snapshot % 10 < 5;
            int r = s.add(
                    at,
                    end,
                    isHot ? 1 + random.nextInt(20) : random.nextInt(20) == 0 ? 1 : 0,
                    random.nextInt(2 * snapshot + 1));
            s.referencedMean[r] = s.nrAccesses[r] == 0 ? 0 : (long) (random.nextDouble() * (end - at));
            s.referencedMax[r] = s.referencedMean[r];
            s.writtenMean[r] = random.nextInt(4) == 0 ? Snapshot.NOT_KNOWN : s.referencedMean[r] / 2;
            at = end;
        }
    }

    /** The same trace, which does not say which rows its sums are of, so that they are not used. */
    static Path withoutSums(Path from, Path path) throws IOException {
        Files.createDirectories(path);
        try (Stream<Path> files = Files.list(from)) {
            for (Path f : files.toList()) {
                Files.copy(f, path.resolve(f.getFileName()));
            }
        }
        Manifest m;
        try (TraceSource trace = Traces.open(path)) {
            m = trace.manifest();
        }
        ManifestKey.SUMMED_ROWS.remove(m.recording);
        Files.write(path.resolve("manifest.json"), Manifests.write(m));
        return path;
    }
}
