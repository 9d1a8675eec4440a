package org.damson.trace.parquet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.function.IntToLongFunction;
import org.apache.parquet.format.Encoding;
import org.damson.model.Batch;
import org.damson.model.Column;
import org.damson.model.Table;
import org.damson.trace.files.Columns;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whatever a column looks like and whichever encoding it gets, it comes back as it was. */
class EncodingsTest {
    private static final int AGE = Table.REGIONS.indexOf("age");
    private static final int START_NS = Table.REGIONS.indexOf("start_ns");

    @TempDir
    Path dir;

    private final SplittableRandom random = new SplittableRandom(7);
    private int files;

    @Test
    void stepsComeBack() throws Exception {
        assertTrue(roundTrip(5000, i -> 1_000_000_007L * i) < 6000);
    }

    @Test
    void fewValuesComeBack() throws Exception {
        assertTrue(roundTrip(50_000, i -> random.nextInt(4) * 1_000_003L) < 40_000);
    }

    /** Forty thousand names of 900 characters are more than one page may hold. */
    @Test
    void textsOfManyMegabytesComeBack() throws Exception {
        Batch rows = new Batch(Table.FRAMES);
        for (int i = 0; i < 40_000; i++) {
            rows.add(i, i + "x".repeat(900), "m", "", 0);
        }
        Path file = dir.resolve("texts");
        boolean[] all = new boolean[Table.FRAMES.columns().size()];
        Arrays.fill(all, true);
        try (ParquetTableWriter writer = new ParquetTableWriter(file, Table.FRAMES, all)) {
            writer.writeRowGroup(Columns.of(rows));
        }
        Batch back = new Batch(Table.FRAMES);
        try (ParquetTableReader reader = ParquetTableReader.open(file, Table.FRAMES)) {
            reader.read(0, all, back);
        }
        assertEquals(rows.rows(), back.rows());
        for (int i = 0; i < rows.rows(); i++) {
            assertEquals(rows.text(1, i), back.text(1, i));
        }
    }

    @Test
    void noiseComesBack() throws Exception {
        roundTrip(1000, i -> random.nextLong());
    }

    @Test
    void extremesComeBack() throws Exception {
        roundTrip(3000, i -> i % 3 == 0 ? Long.MIN_VALUE : i % 3 == 1 ? Long.MAX_VALUE : -1);
    }

    @Test
    void stepsThatOverflowComeBack() throws Exception {
        roundTrip(3000, i -> i % 2 == 0 ? Integer.MIN_VALUE : Integer.MAX_VALUE);
        roundTrip(40_000, i -> i < 1 << 15 ? i : i % 2 == 0 ? Long.MIN_VALUE : Long.MAX_VALUE);
    }

    @Test
    void aRowAndNoneMoreThanABlockComeBack() throws Exception {
        for (int rows : new int[] {1, 2, 128, 129, 130, (1 << 14) + 1, (1 << 14) + 2}) {
            roundTrip(rows, i -> 5L * i);
        }
    }

    @Test
    void agesThatGrowTogetherTakeLessThanABitEach() throws Exception {
        int rows = 300_000;
        assertTrue(roundTrip(rows, i -> i / 1000 + i % 1000 * 7919 % 523) < rows / 8);
    }

    @Test
    void textsComeBackWhetherTheyRepeatOrNot() throws Exception {
        Batch few = new Batch(Table.MEMORY);
        Batch many = new Batch(Table.MEMORY);
        for (int i = 0; i < 40_000; i++) {
            few.add(i, 1, "rss", i);
            many.add(i, 1, i < 20_000 ? "rss" : "counter \u00e9 " + i, i);
        }
        Path file = dir.resolve("texts.parquet");
        boolean[] all = new boolean[Table.MEMORY.columns().size()];
        Arrays.fill(all, true);
        try (ParquetTableWriter writer = new ParquetTableWriter(file, Table.MEMORY, all)) {
            writer.writeRowGroup(Columns.of(few));
            writer.writeRowGroup(Columns.of(many));
        }
        Batch read = new Batch(Table.MEMORY);
        try (ParquetTableReader reader = ParquetTableReader.open(file, Table.MEMORY)) {
            reader.read(1, all, read);
            assertEquals("rss", read.text(2, 19_999));
            assertEquals("counter \u00e9 39999", read.text(2, 39_999));
            reader.read(0, all, read);
            assertEquals("rss", read.text(2, 39_999));
        }
    }

    @Test
    void aRowGroupTakenOverAsItIsComesBackWithItsStatistics() throws Exception {
        Batch batch = new Batch(Table.TUNING);
        for (int i = 0; i < 1000; i++) {
            batch.add(i, 1, i % 5, 7);
        }
        boolean[] all = new boolean[Table.TUNING.columns().size()];
        Arrays.fill(all, true);
        Path file = dir.resolve("a.parquet");
        try (ParquetTableWriter writer = new ParquetTableWriter(file, Table.TUNING, all)) {
            writer.writeRowGroup(Columns.of(batch));
        }
        Path copy = dir.resolve("b.parquet");
        try (ParquetTableReader reader = ParquetTableReader.open(file, Table.TUNING);
                ParquetTableWriter writer = new ParquetTableWriter(copy, Table.TUNING, all)) {
            writer.writeRowGroup(Columns.of(batch));
            reader.copyRowGroup(0, writer);
        }
        Batch read = new Batch(Table.TUNING);
        try (ParquetTableReader reader = ParquetTableReader.open(copy, Table.TUNING)) {
            assertEquals(2000, reader.rows());
            reader.read(1, all, read);
        }
        for (int c = 0; c < all.length; c++) {
            assertEquals(-1, Arrays.mismatch(batch.longs(c), 0, 1000, read.longs(c), 0, 1000));
        }
        // Copied alone and written at the same place, the file is the same to the last byte, statistics included.
        Path alone = dir.resolve("c.parquet");
        try (ParquetTableReader reader = ParquetTableReader.open(file, Table.TUNING);
                ParquetTableWriter writer = new ParquetTableWriter(alone, Table.TUNING, all)) {
            reader.copyRowGroup(0, writer);
        }
        assertEquals(Files.size(file), Files.size(alone));
    }

    @Test
    void aColumnThatTurnsToNoiseAfterItsFirstRowsComesBack() throws Exception {
        // 167,232 distinct longs are more than a dictionary may have.
        roundTrip(200_000, i -> i < 1 << 15 ? i % 3 : random.nextLong());
    }

    @Test
    void aColumnOfSeveralPagesComesBack() throws Exception {
        roundTrip(2 * ColumnEncoder.PAGE_ROWS + 3, i -> i / 1000);
    }

    /** fastparquet unpacks differences of more than three bytes wrongly, and says nothing. */
    @Test
    void differencesOfMoreThanThreeBytesAreNeverPacked() throws Exception {
        for (int spread : new int[] {1 << 20, (1 << 24) - 1, 1 << 24, 1 << 28, Integer.MAX_VALUE}) {
            for (String column : new String[] {"start_ns", "end_ns", "target", "age"}) {
                long[] times = new long[500];
                for (int i = 1; i < times.length; i++) {
                    int step = i == 7 ? 0 : i == 8 ? spread : random.nextInt(spread);
                    times[i] = column.equals("age") ? step : times[i - 1] + 100_000_000 + step;
                }
                Column of = Table.REGIONS.columns().get(Table.REGIONS.indexOf(column));
                Encoding chosen =
                        new ColumnEncoder().encode(of, times, times.length).encoding();
                boolean narrow = spread < (column.equals("age") ? 1 << 23 : 1 << 24);
                assertTrue(narrow || chosen != Encoding.DELTA_BINARY_PACKED, column + " " + spread + " " + chosen);
            }
        }
    }

    /** Returns the size of the file. */
    private long roundTrip(int rows, IntToLongFunction values) throws Exception {
        Batch batch = new Batch(Table.REGIONS);
        batch.reserve(rows);
        for (int i = 0; i < rows; i++) {
            batch.addRow();
            batch.set(START_NS, i, values.applyAsLong(i));
            batch.set(AGE, i, (int) values.applyAsLong(i));
        }
        long[] times = Arrays.copyOf(batch.longs(START_NS), rows);
        long[] ages = Arrays.copyOf(batch.longs(AGE), rows);
        Path file = dir.resolve("t" + files++ + ".parquet");
        boolean[] all = new boolean[Table.REGIONS.columns().size()];
        Arrays.fill(all, true);
        try (ParquetTableWriter writer = new ParquetTableWriter(file, Table.REGIONS, all)) {
            writer.writeRowGroup(Columns.of(batch));
        }
        Batch read = new Batch(Table.REGIONS);
        try (ParquetTableReader reader = ParquetTableReader.open(file, Table.REGIONS)) {
            assertEquals(rows, reader.rows());
            reader.read(0, all, read);
        }
        assertEquals(rows, read.rows());
        assertEquals(-1, Arrays.mismatch(times, 0, rows, read.longs(START_NS), 0, rows));
        assertEquals(-1, Arrays.mismatch(ages, 0, rows, read.longs(AGE), 0, rows));
        return Files.size(file);
    }
}
