package org.damson.model;

/**
 * One column of a {@link Table}.
 *
 * <p>There are no null cells. An optional column is either present in a whole file or absent from it; a reader gives
 * {@link Batch#MISSING} for an absent numeric column and the empty string for an absent text column.
 *
 * @param name the name on disk, lower case with underscores
 * @param type the type on disk
 * @param optional whether files may leave it out
 */
public record Column(String name, ColumnType type, boolean optional) {
    static Column i32(String name) {
        return new Column(name, ColumnType.INT32, false);
    }

    static Column i64(String name) {
        return new Column(name, ColumnType.INT64, false);
    }

    static Column text(String name) {
        return new Column(name, ColumnType.STRING, false);
    }

    Column orAbsent() {
        return new Column(name, type, true);
    }
}
