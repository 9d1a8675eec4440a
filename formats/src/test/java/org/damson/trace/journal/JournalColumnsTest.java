package org.damson.trace.journal;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Random;
import org.damson.model.Batch;
import org.damson.model.ColumnType;
import org.damson.model.Table;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What sealing reads from a journal, a column at a time, is what recovery reads from it as rows. */
class JournalColumnsTest {
    private final Random random = new Random(11);

    @TempDir
    Path dir;

    private Batch rows(Table table, int n, boolean[] present) {
        Batch batch = new Batch(table);
        for (int c = 0; c < present.length; c++) {
            batch.setPresent(c, present[c]);
        }
        String[] words = {"", "a", "mapping of many letters", "ä€😀"};
        for (int r = 0; r < n; r++) {
            batch.addRow();
            for (int c = 0; c < present.length; c++) {
                switch (table.columns().get(c).type()) {
                    case STRING -> batch.set(c, r, words[random.nextInt(words.length)]);
                    case INT32 -> batch.set(c, r, random.nextInt());
                    case INT64 -> batch.set(c, r, random.nextLong());
                }
            }
        }
        return batch;
    }

    private static boolean[] present(Table table, boolean optional) {
        boolean[] present = new boolean[table.columns().size()];
        for (int c = 0; c < present.length; c++) {
            present[c] = optional || !table.columns().get(c).optional();
        }
        return present;
    }

    @ParameterizedTest
    @EnumSource
    void everyColumnComesBackWholeFromBatchesOfAnySize(Table table) throws IOException {
        for (boolean optional : new boolean[] {false, true}) {
            boolean[] present = present(table, optional);
            int segment = optional ? 1 : 0;
            JournalColumns written;
            try (BatchList list = BatchList.create(dir, "trace", segment);
                    Journal journal = Journal.create(dir, table, segment, present, list)) {
                for (int n : new int[] {1, 7, 8, 9, 3000, 20_000}) {
                    journal.append(rows(table, n, present), 0, n);
                }
                // Only a part of a batch, as after a failure.
                journal.append(rows(table, 50, present), 13, 50);
                written = journal.written();
            }
            Batch read = JournalReader.read(dir, table, segment, ListedBatches.read(dir, "trace", segment))
                    .rows();
            assertEquals(23_062, written.rows());
            assertEquals(read.rows(), written.rows());
            assertArrayEquals(present, written.present());
            for (int c = 0; c < present.length; c++) {
                if (!present[c]) {
                    continue;
                }
                if (table.columns().get(c).type() == ColumnType.STRING) {
                    assertArrayEquals(Arrays.copyOf(read.texts(c), read.rows()), written.texts(c));
                } else {
                    assertEquals(
                            -1,
                            Arrays.mismatch(read.longs(c), 0, read.rows(), written.numbers(c), 0, read.rows()),
                            table.columns().get(c).name());
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource(names = "MEMORY")
    void aJournalThatBecameShorterIsNamed(Table table) throws IOException {
        boolean[] present = present(table, true);
        try (BatchList list = BatchList.create(dir, "trace", 0);
                Journal journal = Journal.create(dir, table, 0, present, list)) {
            journal.append(rows(table, 100, present), 0, 100);
            try (FileChannel file = FileChannel.open(Journal.dataFile(dir, table, 0), StandardOpenOption.WRITE)) {
                file.truncate(600);
            }
            IOException e =
                    assertThrows(IOException.class, () -> journal.written().numbers(3));
            assertEquals(Journal.dataFile(dir, table, 0) + ": shorter than it was written", e.getMessage());
        }
    }
}
