package org.damson.trace.parquet;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import org.damson.model.Batch;
import org.damson.model.Table;
import org.damson.model.TraceFormatException;
import org.damson.trace.FuzzFile;

/** A table's Parquet file. The first byte chooses the table and whether checksums are looked at. */
public final class ParquetFuzz {
    private static final Table[] TABLES = Table.values();
    private static final Path FILE = FuzzFile.create("parquet");

    private ParquetFuzz() {}

    public static void fuzzerTestOneInput(byte[] data) throws IOException {
        if (data.length == 0) {
            return;
        }
        int choice = data[0] & 0xff;
        Table table = TABLES[(choice & 0x7f) % TABLES.length];
        FuzzFile.write(FILE, data, 1);
        FileChannel channel = FileChannel.open(FILE, StandardOpenOption.READ);
        boolean[] all = new boolean[table.columns().size()];
        Arrays.fill(all, true);
        try (ParquetTableReader reader =
                new ParquetTableReader("fuzz", table, channel, 0, data.length - 1, choice >= 0x80)) {
            Batch batch = new Batch(table);
            reader.rows();
            for (int g = 0; g < reader.rowGroups(); g++) {
                reader.read(g, all, batch);
                assertEquals(reader.rows(g), batch.rows());
            }
        } catch (TraceFormatException e) {
            assertEquals(1, e.getMessage().lines().count(), e.getMessage());
        }
    }
}
