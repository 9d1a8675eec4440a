package org.damson.trace.parquet;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.damson.model.Table;
import org.damson.trace.files.Columns;

/** Row groups of several files as one, which is read a column at a time. */
public final class Gathered implements Columns {
    private record Group(Path file, int number) {}

    private final Table table;
    private final boolean[] present;
    private final List<Group> groups = new ArrayList<>();
    private int rows;
    private long[] numbers = new long[0];

    public Gathered(Table table, boolean[] present) {
        this.table = table;
        this.present = present.clone();
    }

    public void add(Path file, int group, int groupRows) {
        groups.add(new Group(file, group));
        rows += groupRows;
    }

    /** Writes what there is as one row group and forgets it. */
    public void writeTo(ParquetTableWriter writer) throws IOException {
        if (groups.size() == 1) {
            try (ParquetTableReader reader = ParquetTableReader.open(groups.get(0).file, table)) {
                reader.copyRowGroup(groups.get(0).number, writer);
            }
        } else {
            writer.writeRowGroup(this);
        }
        groups.clear();
        rows = 0;
    }

    @Override
    public int rows() {
        return rows;
    }

    @Override
    public boolean[] present() {
        return present.clone();
    }

    @Override
    public long[] numbers(int column) throws IOException {
        if (numbers.length < rows) {
            numbers = new long[rows];
        }
        read(column, numbers);
        return numbers;
    }

    @Override
    public String[] texts(int column) throws IOException {
        String[] texts = new String[rows];
        read(column, texts);
        return texts;
    }

    /** Reads into an array of what the column holds. */
    private void read(int column, Object into) throws IOException {
        boolean[] wanted = new boolean[present.length];
        wanted[column] = true;
        Object[] arrays = new Object[present.length];
        arrays[column] = into;
        int row = 0;
        for (Group group : groups) {
            try (ParquetTableReader reader = ParquetTableReader.open(group.file, table)) {
                RowGroups.Rows values = reader.open(group.number, wanted);
                int n = values.left();
                values.read(arrays, row, n);
                row += n;
            }
        }
    }
}
