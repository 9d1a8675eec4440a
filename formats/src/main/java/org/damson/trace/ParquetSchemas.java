package org.damson.trace;

import java.util.ArrayList;
import java.util.List;
import org.apache.parquet.schema.LogicalTypeAnnotation;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;
import org.apache.parquet.schema.Type;
import org.apache.parquet.schema.Types;
import org.damson.model.Column;
import org.damson.model.ColumnType;
import org.damson.model.Table;

/** Parquet types of the tables, and how each column is encoded. */
final class ParquetSchemas {
    /** How a column's values lie in its pages. The measurements behind the choice are in docs/FORMAT.md. */
    enum Layout {
        /** Few distinct values per row group: times, targets, counters, text. */
        DICTIONARY,
        /** Values that repeat from snapshot to snapshot at the same distance: plain pages let zstd find that. */
        PLAIN,
        /** Values that mostly step by one. */
        DELTA
    }

    private ParquetSchemas() {}

    /** The layouts a column may have. Of equally small ones the first is taken. */
    static List<Layout> layoutsOf(Column column) {
        if (column.type() == ColumnType.STRING) {
            return List.of(Layout.DICTIONARY, Layout.PLAIN);
        }
        return switch (column.name()) {
            // Every report reads these, and packed deltas take several times as long to decode.
            case "start", "end", "nr_accesses" -> List.of(Layout.PLAIN, Layout.DICTIONARY);
            default -> List.of(Layout.PLAIN, Layout.DICTIONARY, Layout.DELTA);
        };
    }

    static MessageType schemaOf(Table table, boolean[] present) {
        List<Type> fields = new ArrayList<>();
        List<Column> columns = table.columns();
        for (int c = 0; c < columns.size(); c++) {
            if (present[c]) {
                fields.add(typeOf(columns.get(c)));
            }
        }
        return new MessageType(table.fileStem(), fields);
    }

    private static Type typeOf(Column column) {
        return switch (column.type()) {
            case INT32 -> Types.required(PrimitiveTypeName.INT32).named(column.name());
            case INT64 -> Types.required(PrimitiveTypeName.INT64).named(column.name());
            case STRING ->
                Types.required(PrimitiveTypeName.BINARY)
                        .as(LogicalTypeAnnotation.stringType())
                        .named(column.name());
        };
    }
}
