package org.damson.trace.journal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.VectorUnloader;
import org.apache.arrow.vector.dictionary.Dictionary;
import org.apache.arrow.vector.dictionary.DictionaryEncoder;
import org.apache.arrow.vector.dictionary.DictionaryProvider;
import org.apache.arrow.vector.ipc.ArrowStreamWriter;
import org.apache.arrow.vector.ipc.WriteChannel;
import org.apache.arrow.vector.ipc.message.ArrowBodyCompression;
import org.apache.arrow.vector.ipc.message.ArrowRecordBatch;
import org.apache.arrow.vector.ipc.message.MessageSerializer;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.DictionaryEncoding;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.FieldType;
import org.apache.arrow.vector.types.pojo.Schema;
import org.apache.arrow.vector.util.ByteArrayReadableSeekableByteChannel;
import org.damson.model.Batch;
import org.damson.model.Table;
import org.damson.model.TraceFormatException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Journals whose checksums are right, and which are not what a recorder writes. */
class JournalLiesTest {
    @TempDir
    Path dir;

    private static JournalReader.Content parse(byte[] data) throws IOException {
        byte[] index = Journal.entry(0, data).array();
        JournalBytes bytes = new JournalBytes(new ByteArrayReadableSeekableByteChannel(data), JournalIndex.end(index));
        return JournalReader.parse("lies", Table.LOSSES, bytes, index);
    }

    private static String refusal(byte[] data) {
        String message =
                assertThrows(TraceFormatException.class, () -> parse(data)).getMessage();
        assertEquals(1, message.lines().count(), message);
        return message;
    }

    private byte[] journal(int rows) throws IOException {
        Batch batch = new Batch(Table.LOSSES);
        for (int i = 0; i < rows; i++) {
            batch.add(i, i + 1, "ring", 7, "cause " + i);
        }
        boolean[] all = new boolean[Table.LOSSES.columns().size()];
        Arrays.fill(all, true);
        try (BatchList list = BatchList.create(dir, "trace", rows);
                Journal journal = Journal.create(dir, Table.LOSSES, rows, all, list)) {
            journal.append(batch, 0, rows);
        }
        return Files.readAllBytes(Journal.dataFile(dir, Table.LOSSES, rows));
    }

    /** Each word of the messages, and of the texts' offsets, as what breaks readers most: nothing else than a refusal or rows comes of it. */
    @Test
    void everyWordOfItMayLie() throws IOException {
        byte[] whole = journal(3);
        assertEquals(3, parse(whole).rows().rows());
        int refused = 0;
        int[] lies = {0, 1, 4, -1, -5, Integer.MAX_VALUE, Integer.MIN_VALUE, 1 << 30, 0x7ffffff0};
        for (int at = 0; at + 4 <= whole.length; at += 4) {
            for (int lie : lies) {
                byte[] data = whole.clone();
                ByteBuffer.wrap(data).order(ByteOrder.LITTLE_ENDIAN).putInt(at, lie);
                try {
                    Batch rows = parse(data).rows();
                    assertTrue(rows.rows() <= data.length / 4, rows.rows() + " rows");
                } catch (TraceFormatException e) {
                    refused++;
                    assertEquals(1, e.getMessage().lines().count(), e.getMessage());
                }
            }
        }
        assertTrue(refused > 500, refused + " refused");
    }

    @Test
    void aDictionaryIsNoColumnOfTexts() throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (RootAllocator memory = new RootAllocator();
                VarCharVector words = new VarCharVector("words", memory);
                VarCharVector causes = new VarCharVector("cause", memory)) {
            for (VarCharVector v : List.of(words, causes)) {
                v.allocateNew(1);
                v.setSafe(0, new byte[] {'x'});
                v.setValueCount(1);
            }
            Dictionary dictionary = new Dictionary(words, new DictionaryEncoding(1, false, null));
            DictionaryProvider.MapDictionaryProvider provider =
                    new DictionaryProvider.MapDictionaryProvider(dictionary);
            try (FieldVector encoded = (FieldVector) DictionaryEncoder.encode(causes, dictionary);
                    VectorSchemaRoot root = VectorSchemaRoot.of(encoded);
                    ArrowStreamWriter writer = new ArrowStreamWriter(root, provider, Channels.newChannel(out))) {
                writer.start();
                writer.writeBatch();
            }
        }
        String message = refusal(out.toByteArray());
        assertTrue(message.contains("journal has no column from_ns"), message);
    }

    @Test
    void aCompressedBodyIsRefused() throws IOException {
        Field text = new Field("cause", FieldType.notNullable(ArrowType.Utf8.INSTANCE), null);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (RootAllocator memory = new RootAllocator();
                VectorSchemaRoot root = VectorSchemaRoot.create(new Schema(List.of(text)), memory)) {
            root.allocateNew();
            root.setRowCount(1);
            WriteChannel channel = new WriteChannel(Channels.newChannel(out));
            MessageSerializer.serialize(channel, root.getSchema());
            try (ArrowRecordBatch plain = new VectorUnloader(root).getRecordBatch();
                    ArrowRecordBatch packed = new ArrowRecordBatch(
                            1,
                            plain.getNodes(),
                            plain.getBuffers(),
                            new ArrowBodyCompression((byte) 1, (byte) 0),
                            true)) {
                MessageSerializer.serialize(channel, packed);
            }
        }
        String message = refusal(out.toByteArray());
        assertTrue(message.contains("damaged journal"), message);
    }

    @Test
    void fieldsInFieldsAreRefused() throws IOException {
        Field field = new Field("x", FieldType.notNullable(new ArrowType.Int(64, true)), null);
        for (int depth = 0; depth < 1000; depth++) {
            field = new Field("x", FieldType.notNullable(ArrowType.List.INSTANCE), List.of(field));
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (RootAllocator memory = new RootAllocator();
                VectorSchemaRoot root = VectorSchemaRoot.create(new Schema(List.of(field)), memory);
                ArrowStreamWriter writer = new ArrowStreamWriter(root, null, Channels.newChannel(out))) {
            writer.start();
            writer.writeBatch();
        }
        String message = refusal(out.toByteArray());
        assertTrue(message.contains("journal"), message);
    }

    /** An index that speaks of nearly a gigabyte in a sparse file: it is checked piece by piece, and nothing is made of it. */
    @Test
    void aBatchOfNearlyAGigabyteIsNotRead() throws IOException {
        Path file = dir.resolve("sparse");
        int length = 900 << 20;
        try (FileChannel out = FileChannel.open(
                file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE, StandardOpenOption.SPARSE)) {
            out.write(ByteBuffer.allocate(1), length - 1);
        }
        try (JournalBytes bytes = new JournalBytes(FileChannel.open(file), length)) {
            byte[] wrong = Journal.entry(0, length, 1).array();
            JournalReader.Content damaged = JournalReader.parse("sparse", Table.LOSSES, bytes, wrong);
            assertEquals(0, damaged.rows().rows());
            assertTrue(damaged.gaps().get(0).cause().contains("is damaged"), damaged.toString());
            byte[] right = Journal.entry(0, length, bytes.crc(0, length)).array();
            assertThrows(TraceFormatException.class, () -> JournalReader.parse("sparse", Table.LOSSES, bytes, right));
        }
    }
}
