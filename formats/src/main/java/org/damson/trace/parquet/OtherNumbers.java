package org.damson.trace.parquet;

import org.apache.parquet.column.values.ValuesReader;
import org.damson.model.ColumnType;

/** Numbers in an encoding that damson does not write. */
final class OtherNumbers implements PageNumbers {
    private final ValuesReader values;
    private final ColumnType type;

    OtherNumbers(ValuesReader values, ColumnType type) {
        this.values = values;
        this.type = type;
    }

    @Override
    public void read(long[] out, int at, int n) {
        for (int i = at; i < at + n; i++) {
            out[i] = next();
        }
    }

    @Override
    public void read(int[] out, int at, int n) {
        for (int i = at; i < at + n; i++) {
            out[i] = (int) next();
        }
    }

    private long next() {
        return type == ColumnType.INT64 ? values.readLong() : values.readInteger();
    }

    @Override
    public void skip(int n) {
        values.skip(n);
    }
}
