package org.damson.cli.whatif;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.damson.model.Batch;
import org.damson.model.Manifest;
import org.damson.model.MonitoringAttrs;
import org.damson.model.Snapshot;
import org.damson.model.Table;
import org.damson.model.TraceSink;
import org.damson.trace.Traces;
import org.damson.trace.WriterOptions;

/** A trace whose names would do something if a page took them for more than text. */
final class HostileTrace {
    static final List<String> NAMES = List.of(
            "</script><script>owned=1</script>",
            "<img src=x onerror=owned=1>",
            "\u001b]0;owned\u0007\u001b[2J",
            "a\u202eb\u2066c\u2028d",
            "\"'`&lt;b&gt;]]>--><svg onload=owned=1>",
            "@@SCRIPT@@ @@META@@ ${owned} {{owned}}",
            "javascript:owned=1");

    private HostileTrace() {}

    static Path write(Path dir) throws IOException {
        Path path = dir.resolve("<b>hostile<i>.damson");
        Manifest manifest = new Manifest();
        manifest.source = NAMES.get(0);
        manifest.attrs =
                new MonitoringAttrs(5000, 100_000, 1_000_000, 10, 1000, MonitoringAttrs.IntervalsOrigin.RECORDED);
        manifest.recording.put("command", NAMES);
        manifest.foreign.add("source");
        try (TraceSink sink = Traces.create(path, manifest, WriterOptions.BATCH)) {
            for (int i = 0; i < 20; i++) {
                Snapshot s = new Snapshot();
                s.startNs = i * 100_000_000L;
                s.endNs = s.startNs + 100_000_000L;
                s.sampleUs = 5000;
                s.aggrUs = 100_000;
                s.columns = Snapshot.HAS_AGE;
                s.add(1 << 24, (1 << 24) + (NAMES.size() << 20), 10, i);
                sink.append(s);
            }
            Batch mappings = new Batch(Table.MAPPINGS);
            Batch frames = new Batch(Table.FRAMES);
            Batch stacks = new Batch(Table.STACKS);
            Batch samples = new Batch(Table.SAMPLES);
            Batch losses = new Batch(Table.LOSSES);
            for (int i = 0; i < NAMES.size(); i++) {
                String name = NAMES.get(i);
                mappings.add(0, 0, (1 << 24) + (i << 20), (1 << 24) + (i + 1 << 20), name, name, 0);
                frames.add(i, name, "/lib/" + name, name, 0);
                stacks.add(i, 0, i);
                samples.add(i * 100_000_000L, 1, 1, 0, "cpu-clock", 0, 1, i);
                // Who touched each mapping first.
                samples.add(i * 100_000_000L, 1, 1, 0, "page-faults", (1 << 24) + (i << 20) + 4096, 1, i);
                losses.add(0, 100_000_000L, name, 1, name);
            }
            for (Batch b : List.of(frames, stacks, samples, mappings, losses)) {
                sink.append(b);
            }
        }
        return path;
    }
}
