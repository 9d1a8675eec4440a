package org.damson.exchange;

import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.damson.model.Batch;
import org.damson.model.Manifest;
import org.damson.model.Snapshot;
import org.damson.model.TraceSink;

/** Keeps nothing, and holds an importer to what every sink may expect. */
public final class DiscardingSink implements TraceSink {
    private final Manifest manifest;
    private long nextId;

    public DiscardingSink(Manifest manifest) {
        this.manifest = manifest;
    }

    @Override
    public Manifest manifest() {
        return manifest;
    }

    @Override
    public void append(Snapshot s) {
        s.id = nextId++;
        for (int i = 0; i < s.regions; i++) {
            assertTrue(s.start[i] != s.end[i] && Long.compareUnsigned(s.start[i], s.end[i] - 1) <= 0, "empty region");
            assertTrue(i == 0 || Long.compareUnsigned(s.end[i - 1] - 1, s.start[i]) < 0, "regions overlap");
        }
    }

    @Override
    public void append(Batch rows) {
        for (int c = 0; c < rows.table().columns().size(); c++) {
            for (int r = 0; rows.texts(c) != null && r < rows.rows(); r++) {
                assertNotNull(rows.text(c, r));
            }
        }
    }

    @Override
    public void flush() {
        // nothing is held
    }

    @Override
    public void close() {
        // nothing is held
    }
}
