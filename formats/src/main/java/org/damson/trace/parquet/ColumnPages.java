package org.damson.trace.parquet;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.Arrays;
import org.apache.parquet.format.CompressionCodec;
import org.apache.parquet.format.Encoding;
import org.apache.parquet.format.PageHeader;
import org.apache.parquet.format.PageType;
import org.apache.parquet.format.Util;
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
    /** Four times what damson writes. */
    private static final int MAX_DICTIONARY_VALUES = 1 << 18;

    /** Room for the header of a page; damson writes some 25 bytes. */
    private static final int HEADER_BYTES = 1 << 10;

    /** Bytes of texts that are made at once: each of them may be as long as a page, which a few bytes of zstd can claim. */
    private static final int MAX_TEXT_BYTES = 2 << 20;

    private final ColumnType type;
    private final boolean compressed;
    private final FileRange in;

    private final PageBuffers page;

    /** Of texts the indices themselves, by which {@link #texts} has them. */
    private long[] dictionary;

    private String[] texts;
    private int[] indices = new int[0];

    /** Values of the current page that have not been read. */
    private int left;

    /** The current page, whose content is still to be read and decoded; null once it is. */
    private PageHeader pending;

    /** Where the values of the current page come from: one of the two. */
    private PageNumbers numbers;

    private PlainTexts plainTexts;

    /** Opens the chunk at {@code [from, to)} of the channel; no other may use the room for a page meanwhile. */
    ColumnPages(FileChannel channel, long from, long to, CompressionCodec codec, Column column, PageBuffers page)
            throws IOException {
        this.page = page;
        if (codec != CompressionCodec.ZSTD && codec != CompressionCodec.UNCOMPRESSED) {
            throw new IOException("pages compressed with " + codec + ", expected ZSTD");
        }
        type = column.type();
        compressed = codec == CompressionCodec.ZSTD;
        in = new FileRange(channel, from, to, HEADER_BYTES);
    }

    /** Reads the next {@code n} values into an array of {@code long}, {@code int} or text, from {@code at} on. */
    void read(Object into, int at, int n) throws IOException {
        int done = 0;
        while (done < n) {
            decodeNext();
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

    /** How many of the next {@code n} values, of which there is one at least, may be read at once; one at least. */
    int together(int n) throws IOException {
        if (type != ColumnType.STRING) {
            return n;
        }
        decodeNext();
        int some = Math.min(left, n);
        return plainTexts == null ? some : plainTexts.fitting(some, MAX_TEXT_BYTES);
    }

    /** Has values of a decoded page at hand. */
    private void decodeNext() throws IOException {
        if (left == 0) {
            advance();
        }
        if (pending != null) {
            decode();
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
                plainTexts.skip(some);
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
            PageHeader header = header();
            int size = header.getUncompressed_page_size();
            int stored = header.getCompressed_page_size();
            int most = type == ColumnType.STRING ? ZstdCodecs.MAX_PAGE_BYTES : ZstdCodecs.MAX_NUMBERS_BYTES;
            if (size < 0 || stored < 0 || size > most || stored > most) {
                throw new IOException("page claims " + size + " bytes in " + stored + ", the limit is " + most);
            }
            if (header.getType() == PageType.DATA_PAGE && header.isSetData_page_header()) {
                left = header.getData_page_header().getNum_values();
                if (left <= 0) {
                    throw new IOException("page claims " + left + " values");
                }
                pending = header;
                return;
            }
            if (header.getType() != PageType.DICTIONARY_PAGE
                    || !header.isSetDictionary_page_header()
                    || dictionary != null) {
                throw new IOException("unexpected page of type " + header.getType());
            }
            readDictionary(header);
        }
    }

    private PageHeader header() throws IOException {
        ByteBuffer ahead = in.peek();
        int from = ahead.arrayOffset() + ahead.position();
        if (!ahead.hasRemaining()) {
            throw new IOException("pages end early");
        }
        int length = CompactClaims.end(ahead.array(), from, from + ahead.remaining()) - from;
        PageHeader header = Util.readPageHeader(new ByteArrayInputStream(ahead.array(), from, length));
        in.skipFully(length);
        return header;
    }

    private void readDictionary(PageHeader header) throws IOException {
        int n = header.getDictionary_page_header().getNum_values();
        int size = header.getUncompressed_page_size();
        if (n < 0 || n > MAX_DICTIONARY_VALUES || size > ZstdCodecs.MAX_NUMBERS_BYTES || (long) n * width() > size) {
            throw new IOException("dictionary claims " + n + " values in " + size + " bytes");
        }
        page.load(in, header, compressed);
        dictionary = new long[n];
        if (type == ColumnType.STRING) {
            texts = new String[n];
            new PlainTexts(page.plain, page.size).read(texts, 0, n);
            Arrays.setAll(dictionary, i -> i);
        } else {
            new PlainNumbers(page.plain, page.size, type).read(dictionary, 0, n);
        }
    }

    private void decode() throws IOException {
        PageHeader header = pending;
        pending = null;
        page.load(in, header, compressed);
        Encoding encoding = header.getData_page_header().getEncoding();
        numbers = null;
        plainTexts = null;
        boolean isText = type == ColumnType.STRING;
        if (encoding == Encoding.PLAIN) {
            if ((long) left * width() > page.size) {
                throw new IOException("page claims " + left + " values in " + page.size + " bytes");
            }
            plainTexts = isText ? new PlainTexts(page.plain, page.size) : null;
            numbers = isText ? null : new PlainNumbers(page.plain, page.size, type);
        } else if (encoding == Encoding.RLE_DICTIONARY || encoding == Encoding.PLAIN_DICTIONARY) {
            if (dictionary == null) {
                throw new IOException("no dictionary");
            }
            numbers = new RunLengths(page.plain, page.size, dictionary);
        } else if (encoding == Encoding.DELTA_BINARY_PACKED && !isText) {
            numbers = new DeltaNumbers(page.plain, page.size, type == ColumnType.INT32);
        } else {
            throw new IOException("a page of " + type + " in encoding " + encoding);
        }
    }

    private void readTexts(String[] out, int at, int n) {
        if (plainTexts != null) {
            plainTexts.read(out, at, n);
            return;
        }
        if (indices.length < n) {
            indices = new int[n];
        }
        numbers.read(indices, 0, n);
        for (int i = 0; i < n; i++) {
            out[at + i] = texts[indices[i]];
        }
    }
}
