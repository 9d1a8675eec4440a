package org.damson.trace.parquet;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.parquet.format.ColumnChunk;
import org.apache.parquet.format.ColumnMetaData;
import org.apache.parquet.format.FieldRepetitionType;
import org.apache.parquet.format.FileMetaData;
import org.apache.parquet.format.RowGroup;
import org.apache.parquet.format.SchemaElement;
import org.apache.parquet.format.Type;
import org.apache.parquet.format.Util;
import org.damson.model.Column;
import org.damson.model.ColumnType;
import org.damson.model.Table;

/** What the footer of a Parquet file says of one table: which columns there are, and where their values lie. */
final class ParquetFooter {
    static final byte[] MAGIC = "PAR1".getBytes(StandardCharsets.US_ASCII);

    /** Behind the footer: its length and {@link #MAGIC}. */
    private static final int TAIL_BYTES = 8;

    /** Thousands of row groups. */
    private static final int MAX_BYTES = 16 << 20;

    private final FileMetaData file;
    /** The columns, in their order. */
    private final List<SchemaElement> fields;

    private ParquetFooter(FileMetaData file) throws IOException {
        this.file = file;
        fields = fields(file.getSchema());
        for (RowGroup group : file.getRow_groups()) {
            check(group);
        }
    }

    /**
     * Reads the footer of the file at bytes {@code [offset, offset + length)} of a channel.
     *
     * @throws IOException if there is none; a damaged one may lead to unchecked exceptions too
     */
    static ParquetFooter read(FileChannel channel, long offset, long length) throws IOException {
        if (length < MAGIC.length + TAIL_BYTES) {
            throw new IOException("too short for a Parquet file");
        }
        long tailAt = offset + length - TAIL_BYTES;
        ByteBuffer tail = ByteBuffer.allocate(TAIL_BYTES).order(ByteOrder.LITTLE_ENDIAN);
        while (tail.hasRemaining() && channel.read(tail, tailAt + tail.position()) >= 0) {
            // until full
        }
        int bytes = tail.getInt(0);
        if (!Arrays.equals(tail.array(), Integer.BYTES, TAIL_BYTES, MAGIC, 0, MAGIC.length)) {
            throw new IOException("does not end as a Parquet file");
        }
        if (bytes < 0 || bytes > length - MAGIC.length - TAIL_BYTES) {
            throw new IOException("footer claims " + (bytes & 0xffffffffL) + " bytes in a file of " + length);
        }
        if (bytes > MAX_BYTES) {
            throw new IOException("footer claims " + bytes + " bytes, the limit is " + MAX_BYTES);
        }
        byte[] footer = new byte[bytes];
        new FileRange(channel, tailAt - bytes, tailAt, 0).readFully(footer, bytes);
        CompactClaims.end(footer, 0, bytes);
        return new ParquetFooter(Util.readFileMetaData(new ByteArrayInputStream(footer)));
    }

    /**
     * Which columns of a table the file has.
     *
     * @throws IOException if one that each file has is missing, or one is of another type
     */
    boolean[] columnsOf(Table table) throws IOException {
        Map<String, SchemaElement> byName = new HashMap<>();
        for (SchemaElement field : fields) {
            if (byName.put(field.getName(), field) != null) {
                throw new IOException("two columns " + field.getName());
            }
        }
        List<Column> columns = table.columns();
        boolean[] has = new boolean[columns.size()];
        for (int c = 0; c < has.length; c++) {
            Column column = columns.get(c);
            SchemaElement field = byName.get(column.name());
            if (field == null) {
                if (!column.optional()) {
                    throw new IOException("no column " + column.name());
                }
                continue;
            }
            if (field.getType() != typeOf(column.type())
                    || field.getRepetition_type() != FieldRepetitionType.REQUIRED) {
                throw new IOException("column " + column.name() + " is " + field.getRepetition_type() + " "
                        + field.getType() + ", expected REQUIRED " + typeOf(column.type()));
            }
            has[c] = true;
        }
        return has;
    }

    static Type typeOf(ColumnType type) {
        return switch (type) {
            case INT32 -> Type.INT32;
            case INT64 -> Type.INT64;
            case STRING -> Type.BYTE_ARRAY;
        };
    }

    /** The elements of the schema but its root, of which all are columns: damson writes no others. */
    private static List<SchemaElement> fields(List<SchemaElement> schema) throws IOException {
        if (schema.isEmpty() || schema.get(0).getNum_children() != schema.size() - 1) {
            throw new IOException("the schema is not a list of columns");
        }
        List<SchemaElement> fields = schema.subList(1, schema.size());
        for (SchemaElement field : fields) {
            if (field.getNum_children() > 0) {
                throw new IOException("column " + field.getName() + " has columns within");
            }
        }
        return fields;
    }

    /** The chunks of a row group are the columns of the schema, in their order: what is damaged in one is not in the other. */
    private void check(RowGroup group) throws IOException {
        List<ColumnChunk> chunks = group.getColumns();
        if (chunks.size() != fields.size()) {
            throw new IOException(chunks.size() + " columns in a row group, " + fields.size() + " in the schema");
        }
        for (int c = 0; c < chunks.size(); c++) {
            ColumnMetaData meta = chunks.get(c).getMeta_data();
            SchemaElement field = fields.get(c);
            if (meta == null
                    || !meta.getPath_in_schema().equals(List.of(field.getName()))
                    || meta.getType() != field.getType()) {
                throw new IOException("a row group's column " + c + " is not " + field.getName());
            }
        }
    }

    int rowGroups() {
        return file.getRow_groups().size();
    }

    RowGroup rowGroup(int group) {
        return file.getRow_groups().get(group);
    }

    /** The chunk of a column in a row group; null if it has none. */
    static ColumnMetaData chunk(RowGroup group, String column) {
        for (ColumnChunk chunk : group.getColumns()) {
            ColumnMetaData meta = chunk.getMeta_data();
            if (meta.getPath_in_schema().equals(List.of(column))) {
                return meta;
            }
        }
        return null;
    }

    /** Where the first page of a chunk begins, from the start of the file. */
    static long start(ColumnMetaData chunk) {
        long data = chunk.getData_page_offset();
        long dictionary = chunk.isSetDictionary_page_offset() ? chunk.getDictionary_page_offset() : 0;
        return dictionary > 0 && dictionary < data ? dictionary : data;
    }
}
