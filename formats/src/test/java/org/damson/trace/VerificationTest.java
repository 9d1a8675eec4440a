package org.damson.trace;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.damson.model.Manifest;
import org.damson.model.Snapshot;
import org.damson.model.TraceSink;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What no recording has in its rows is found. */
final class VerificationTest {
    private static final long START = 1 << 20;

    @TempDir
    Path dir;

    /** The finding about a trace of one snapshot with two regions, of which the second is this. */
    private String finding(String name, long start, long end, int accesses) throws IOException {
        Path path = dir.resolve(name + ".damson");
        try (TraceSink sink = Traces.create(path, new Manifest(), WriterOptions.BATCH)) {
            Snapshot s = new Snapshot();
            s.endNs = 1;
            s.add(START, START + 4096, 1, 0);
            s.add(start, end, accesses, 0);
            sink.append(s);
        }
        List<String> findings = Traces.verify(path).findings();
        assertEquals(1, findings.size(), findings::toString);
        return findings.get(0).replace(path + ": snapshot 0: region 1 ", "");
    }

    @Test
    void regionsThatNoRecordingHasAreFound() throws IOException {
        assertEquals("is empty or backwards", finding("empty", START + 4096, START + 4096, 1));
        assertEquals("is empty or backwards", finding("backwards", START + 8192, START + 4096, 1));
        assertEquals("overlaps the one before", finding("overlap", START, START + 8192, 1));
        assertEquals("has -1 accesses", finding("accesses", START + 4096, START + 8192, -1));
    }
}
