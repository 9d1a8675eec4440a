package org.damson.trace.parquet;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.Arrays;
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
    private final boolean compressed;
    private final FileRange in;

    private final PageBuffers page;

    private long[] dictionary;
    private Dictionary textDictionary;
    private String[] texts;

    /** Values of the current page that have not been read. */
    private int left;

    /** The current page, whose content is still to be read and decoded; null once it is. */
    private PageHeader pending;

    private Encoding encoding;
    private PageNumbers numbers;
    private ValuesReader values;

    /** Opens the chunk at {@code [from, to)} of the channel; no other may use the room for a page meanwhile. */
    ColumnPages(FileChannel channel, long from, long to, CompressionCodec codec, Column column, PageBuffers page)
            throws IOException {
        this.page = page;
        if (codec != CompressionCodec.ZSTD && codec != CompressionCodec.UNCOMPRESSED) {
            throw new IOException("pages compressed with " + codec + ", expected ZSTD");
        }
        type = column.type();
        descriptor = descriptor(column);
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

    /** Reads the next {@code n} values into an array of {@code long}, {@code int} or text, from {@code at} on. */
    void read(Object into, int at, int n) throws IOException {
        int done = 0;
        while (done < n) {
            if (left == 0) {
                advance();
            }
            if (pending != null) {
                decode();
            }
            int some = Math.min(left, n - done);
            if (into instanceof long[] longs) {
                numbers.read(longs, at + done, some);
            } else if (into instanceof int[] ints) {
                numbers.read(ints, at + done, some);
            } else {
                readTexts((String[]) into, at + done, some);
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
            } else if (numbers != null) {
                numbers.skip(some);
            } else {
                values.skip(some);
            }
            left -= some;
            over -= some;
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
            if (header.getType() != PageType.DICTIONARY_PAGE || dictionary != null || textDictionary != null) {
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
        page.load(in, header, compressed);
        if (type == ColumnType.STRING) {
            // A copy: parquet-java's dictionary keeps the bytes, and the room for a page is used again.
            byte[] bytes = Arrays.copyOf(page.plain, page.size);
            textDictionary = Encoding.PLAIN.initDictionary(
                    descriptor, new DictionaryPage(BytesInput.from(bytes), n, Encoding.PLAIN));
            texts = new String[n];
            return;
        }
        dictionary = new long[n];
        new PlainNumbers(page.plain, page.size, type).read(dictionary, 0, n);
    }

    private void decode() throws IOException {
        PageHeader header = pending;
        pending = null;
        page.load(in, header, compressed);
        encoding = Encoding.valueOf(header.getData_page_header().getEncoding().name());
        numbers = null;
        values = null;
        if (type == ColumnType.STRING) {
            values = parquetValues();
        } else {
            numbers = numbers();
        }
    }

    private PageNumbers numbers() throws IOException {
        if (encoding == Encoding.PLAIN) {
            if ((long) left * width() > page.size) {
                throw new IOException("page claims " + left + " values in " + page.size + " bytes");
            }
            return new PlainNumbers(page.plain, page.size, type);
        }
        if (encoding.usesDictionary() && dictionary != null) {
            return new RunLengths(page.plain, page.size, dictionary);
        }
        if (encoding == Encoding.DELTA_BINARY_PACKED) {
            return new DeltaNumbers(page.plain, page.size, type == ColumnType.INT32);
        }
        return new OtherNumbers(parquetValues(), type);
    }

    /** A decoder of parquet-java. */
    private ValuesReader parquetValues() throws IOException {
        if (encoding.usesDictionary() && textDictionary == null) {
            throw new IOException("no dictionary");
        }
        ValuesReader reader = encoding.usesDictionary()
                ? encoding.getDictionaryBasedValuesReader(descriptor, ValuesType.VALUES, textDictionary)
                : encoding.getValuesReader(descriptor, ValuesType.VALUES);
        reader.initFromPage(left, ByteBufferInputStream.wrap(ByteBuffer.wrap(page.plain, 0, page.size)));
        return reader;
    }

    private void readTexts(String[] out, int at, int n) {
        boolean shared = encoding.usesDictionary();
        for (int i = at; i < at + n; i++) {
            if (shared) {
                int id = values.readValueDictionaryId();
                if (texts[id] == null) {
                    texts[id] = textDictionary.decodeToBinary(id).toStringUsingUTF8();
                }
                out[i] = texts[id];
            } else {
                out[i] = values.readBytes().toStringUsingUTF8();
            }
        }
    }
}
