package org.damson.trace.journal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.apache.arrow.vector.util.ByteArrayReadableSeekableByteChannel;
import org.damson.model.Batch;
import org.damson.model.Table;
import org.damson.model.TraceFormatException;

/**
 * A journal. The first byte chooses the table, the second how long the index is that stands at the end of the input; 0
 * stands for a right one, without which hardly an input would get past the checksums.
 */
public final class JournalFuzz {
    private static final Table[] TABLES = Table.values();

    private JournalFuzz() {}

    public static void fuzzerTestOneInput(byte[] data) throws IOException {
        if (data.length < 2) {
            return;
        }
        Table table = TABLES[(data[0] & 0xff) % TABLES.length];
        int indexBytes = Math.min(data[1] & 0xff, data.length - 2);
        byte[] rows = Arrays.copyOfRange(data, 2, data.length - indexBytes);
        byte[] index = Arrays.copyOfRange(data, data.length - indexBytes, data.length);
        if (indexBytes == 0) {
            ByteBuffer entry = Journal.entry(0, rows);
            index = Arrays.copyOf(entry.array(), entry.limit());
        }
        try {
            JournalBytes bytes =
                    new JournalBytes(new ByteArrayReadableSeekableByteChannel(rows), JournalIndex.end(index));
            Batch batch = JournalReader.parse("fuzz", table, bytes, index).rows();
            for (int c = 0; c < table.columns().size(); c++) {
                for (int r = 0; batch.texts(c) != null && r < batch.rows(); r++) {
                    assertNotNull(batch.text(c, r));
                }
            }
        } catch (TraceFormatException e) {
            assertEquals(1, e.getMessage().lines().count(), e.getMessage());
        }
    }
}
