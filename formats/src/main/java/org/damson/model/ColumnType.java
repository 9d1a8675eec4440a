package org.damson.model;

/** Type of a column on disk. In memory the two integer types are both {@code long}. */
public enum ColumnType {
    INT32,
    INT64,
    STRING
}
