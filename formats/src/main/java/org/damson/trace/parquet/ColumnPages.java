package org.damson.trace.parquet;

import com.github.luben.zstd.Zstd;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.util.zip.CRC32;
import org.apache.parquet.bytes.ByteBufferInputStream;
import org.apache.parquet.bytes.BytesInput;
import org.apache.parquet.column.ColumnDescriptor;
import org.apache.parquet.column.Dictionary;
import org.apache.parquet.column.Encoding;
import org.apache.parquet.column.ValuesType;
import org.apache.parquet.column.page.DictionaryPage;
import org.apache.parquet.column.values.ValuesReader;
import org.apache.parquet.format.CompressionCodec;
import org.apache.parquet.format.PageHeader;
import org.apache.parquet.format.PageType;
import org.apache.parquet.format.Util;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;
import org.apache.parquet.schema.Types;
import org.damson.model.Batch;
import org.damson.model.Column;
import org.damson.model.ColumnType;

/**
 * The values of one column chunk in order, one page in memory at a time. Pages that are stepped over are not
 * decompressed.
 *
 * <p>Values of a fixed width are decoded in bulk here; the record and page interfaces of parquet-java cost several times
 * as much.
 */
final class ColumnPages {
    /** Four times what damson writes: each value of a dictionary is an object, many times its size in the file. */
    private static final int MAX_DICTIONARY_VALUES = 1 << 18;

    /** Room for the header of a page. */
    private static final int HEADER_BYTES = 512;

    private final ColumnDescriptor descriptor;
    private final ColumnType type;
    private final boolean verifyChecksums;
    private final boolean compressed;
    private final FileRange in;

    private final Buffers buffers;
    private int plainSize;

    private long[] numbers;
    private Dictionary dictionary;
    private String[] texts;

    /** Values of the current page that have not been read. */
    private int left;

    /** The current page, whose content is still to be read and decoded; null once it is. */
    private PageHeader pending;

    private Encoding encoding;
    private ByteBuffer fixed;
    private RunLengths runs;
    private ValuesReader values;

    /**
     * Room for one page, compressed and not: megabytes, which the chunks of a column use one after another. Anew for each
     * row group they would be most of a report's garbage, and its memory would grow with the trace.
     */
    static final class Buffers {
        private byte[] packed = new byte[0];
        private byte[] plain = new byte[0];
    }

    /** Opens the chunk at {@code [from, to)} of the channel; no other may use the buffers meanwhile. */
    ColumnPages(
            FileChannel channel,
            long from,
            long to,
            CompressionCodec codec,
            Column column,
            boolean verifyChecksums,
            Buffers buffers)
            throws IOException {
        this.buffers = buffers;
        if (codec != CompressionCodec.ZSTD && codec != CompressionCodec.UNCOMPRESSED) {
            throw new IOException("pages compressed with " + codec + ", expected ZSTD");
        }
        type = column.type();
        descriptor = descriptor(column);
        this.verifyChecksums = verifyChecksums;
        compressed = codec == CompressionCodec.ZSTD;
        in = new FileRange(channel, from, to, HEADER_BYTES);
    }

    /** The column in the words of parquet-java's decoders. */
    private static ColumnDescriptor descriptor(Column column) {
        PrimitiveTypeName type =
                switch (column.type()) {
                    case INT32 -> PrimitiveTypeName.INT32;
                    case INT64 -> PrimitiveTypeName.INT64;
                    case STRING -> PrimitiveTypeName.BINARY;
                };
        return new ColumnDescriptor(
                new String[] {column.name()}, Types.required(type).named(column.name()), 0, 0);
    }

    /** Reads the next {@code n} values into the rows from {@code row} on. */
    void read(Batch into, int c, int row, int n) throws IOException {
        int done = 0;
        while (done < n) {
            if (left == 0) {
                advance();
            }
            if (pending != null) {
                decode();
            }
            int some = Math.min(left, n - done);
            if (type == ColumnType.STRING) {
                readTexts(into.texts(c), row + done, some);
            } else {
                readNumbers(into.longs(c), row + done, some);
            }
            left -= some;
            done += some;
        }
    }

    /** Steps over the next {@code n} values. */
    void skip(long n) throws IOException {
        long over = n;
        while (over > 0) {
            if (left == 0) {
                advance();
            }
            if (pending != null && over < left) {
                decode();
            }
            int some = (int) Math.min(left, over);
            if (pending != null) {
                in.skipFully(pending.getCompressed_page_size());
                pending = null;
            } else {
                skipDecoded(some);
            }
            left -= some;
            over -= some;
        }
    }

    private void skipDecoded(int n) {
        if (fixed != null) {
            fixed.position(fixed.position() + n * width());
        } else if (runs != null) {
            runs.skip(n);
        } else {
            values.skip(n);
        }
    }

    /** Bytes of a value; of a text at least, its length. */
    private int width() {
        return type == ColumnType.INT64 ? 8 : 4;
    }

    /** Reads page headers up to the next data page. */
    private void advance() throws IOException {
        while (true) {
            PageHeader header = Util.readPageHeader(in);
            int size = header.getUncompressed_page_size();
            int stored = header.getCompressed_page_size();
            int most = type == ColumnType.STRING ? ZstdCodecs.MAX_PAGE_BYTES : ZstdCodecs.MAX_NUMBERS_BYTES;
            if (size < 0 || stored < 0 || size > most || stored > most) {
                throw new IOException("page claims " + size + " bytes in " + stored + ", the limit is " + most);
            }
            if (header.getType() == PageType.DATA_PAGE) {
                left = header.getData_page_header().getNum_values();
                if (left <= 0) {
                    throw new IOException("page claims " + left + " values");
                }
                pending = header;
                return;
            }
            if (header.getType() != PageType.DICTIONARY_PAGE || numbers != null || dictionary != null) {
                throw new IOException("unexpected page of type " + header.getType());
            }
            readDictionary(header);
        }
    }

    private void readDictionary(PageHeader header) throws IOException {
        int n = header.getDictionary_page_header().getNum_values();
        int size = header.getUncompressed_page_size();
        if (n < 0 || n > MAX_DICTIONARY_VALUES || (long) n * width() > size) {
            throw new IOException("dictionary claims " + n + " values in " + size + " bytes");
        }
        load(header);
        if (type == ColumnType.STRING) {
            // A copy: parquet-java's dictionary keeps the bytes, and the buffer is reused.
            byte[] bytes = java.util.Arrays.copyOf(buffers.plain, plainSize);
            dictionary = Encoding.PLAIN.initDictionary(
                    descriptor, new DictionaryPage(BytesInput.from(bytes), n, Encoding.PLAIN));
            texts = new String[n];
            return;
        }
        numbers = new long[n];
        fixed = buffer();
        readNumbers(numbers, 0, n);
        fixed = null;
    }

    /** Reads, checks and decompresses the content of a page into {@link #plain}. */
    private void load(PageHeader header) throws IOException {
        int stored = header.getCompressed_page_size();
        plainSize = header.getUncompressed_page_size();
        if (buffers.packed.length < stored) {
            buffers.packed = new byte[stored];
        }
        in.readFully(buffers.packed, stored);
        if (verifyChecksums && header.isSetCrc()) {
            CRC32 crc = new CRC32();
            crc.update(buffers.packed, 0, stored);
            if ((int) crc.getValue() != header.getCrc()) {
                throw new IOException("checksum of a page is wrong");
            }
        }
        if (!compressed) {
            if (stored != plainSize) {
                throw new IOException("damaged page: wrong length");
            }
            buffers.plain = buffers.packed;
            buffers.packed = new byte[0];
            return;
        }
        if (buffers.plain.length < plainSize) {
            buffers.plain = new byte[plainSize];
        }
        long n = Zstd.decompressByteArray(buffers.plain, 0, plainSize, buffers.packed, 0, stored);
        if (Zstd.isError(n) || n != plainSize) {
            throw new IOException("damaged page: " + (Zstd.isError(n) ? Zstd.getErrorName(n) : "wrong length"));
        }
    }

    private ByteBuffer buffer() {
        return ByteBuffer.wrap(buffers.plain, 0, plainSize).order(ByteOrder.LITTLE_ENDIAN);
    }

    private void decode() throws IOException {
        PageHeader header = pending;
        pending = null;
        load(header);
        encoding = Encoding.valueOf(header.getData_page_header().getEncoding().name());
        fixed = null;
        runs = null;
        values = null;
        boolean number = type != ColumnType.STRING;
        if (number && encoding == Encoding.PLAIN) {
            fixed = buffer();
            if ((long) left * width() > plainSize) {
                throw new IOException("page claims " + left + " values in " + plainSize + " bytes");
            }
        } else if (number && encoding.usesDictionary() && numbers != null) {
            runs = new RunLengths(buffers.plain, plainSize);
        } else {
            if (encoding.usesDictionary() && dictionary == null) {
                throw new IOException("no dictionary");
            }
            values = encoding.usesDictionary()
                    ? encoding.getDictionaryBasedValuesReader(descriptor, ValuesType.VALUES, dictionary)
                    : encoding.getValuesReader(descriptor, ValuesType.VALUES);
            values.initFromPage(left, ByteBufferInputStream.wrap(ByteBuffer.wrap(buffers.plain, 0, plainSize)));
        }
    }

    private void readNumbers(long[] out, int at, int n) {
        if (fixed != null) {
            if (type == ColumnType.INT64) {
                fixed.asLongBuffer().get(out, at, n);
                fixed.position(fixed.position() + n * 8);
            } else {
                for (int i = at; i < at + n; i++) {
                    out[i] = fixed.getInt();
                }
            }
        } else if (runs != null) {
            runs.read(numbers, out, at, n);
        } else if (type == ColumnType.INT64) {
            for (int i = at; i < at + n; i++) {
                out[i] = values.readLong();
            }
        } else {
            for (int i = at; i < at + n; i++) {
                out[i] = values.readInteger();
            }
        }
    }

    private void readTexts(String[] out, int at, int n) {
        boolean shared = encoding.usesDictionary();
        for (int i = at; i < at + n; i++) {
            if (shared) {
                int id = values.readValueDictionaryId();
                if (texts[id] == null) {
                    texts[id] = dictionary.decodeToBinary(id).toStringUsingUTF8();
                }
                out[i] = texts[id];
            } else {
                out[i] = values.readBytes().toStringUsingUTF8();
            }
        }
    }
}
