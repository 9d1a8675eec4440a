package org.damson.fleet;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SaveMode;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.DecimalType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.damson.analyzer.fleet.FleetTrace;
import org.damson.analyzer.render.table.TableReport;
import org.damson.analyzer.render.table.TableReport.Column;
import org.damson.analyzer.render.table.TableReport.Unit;
import org.damson.model.text.NativeText;

/** Tables of reports as Parquet, of the same names and values as in CSV and JSON. */
final class ParquetTables {
    private ParquetTables() {}

    static void write(SparkSession spark, TableReport.Section table, String path, boolean mayReplace) {
        List<Row> rows = new ArrayList<>();
        List<StructField> fields = new ArrayList<>();
        for (int c = 0; c < table.columns().size(); c++) {
            Column column = table.columns().get(c);
            fields.add(DataTypes.createStructField(column.name(), type(table, c), true));
        }
        StructType type = DataTypes.createStructType(fields);
        for (Object[] row : table.rows()) {
            Object[] cells = new Object[row.length];
            for (int c = 0; c < row.length; c++) {
                Object cell = TableReport.whole(row[c], table.columns().get(c).unit());
                boolean isWide = fields.get(c).dataType().equals(DataTypes.DoubleType) && cell instanceof Long;
                cells[c] = isWide
                        ? (Object) ((Long) cell).doubleValue()
                        : cell instanceof BigInteger n ? new BigDecimal(n) : cell;
            }
            rows.add(RowFactory.create(cells));
        }
        // Spark takes a name as it stands: a URI's %20 would be part of it.
        String place = FleetTrace.isRemote(path)
                ? path
                : new org.apache.hadoop.fs.Path(NativeText.path(path).toUri()).toString();
        spark.createDataFrame(rows, type)
                .coalesce(1)
                .write()
                .option("compression", "zstd")
                .mode(mayReplace ? SaveMode.Overwrite : SaveMode.ErrorIfExists)
                .parquet(place);
    }

    private static DataType type(TableReport.Section table, int column) {
        Unit unit = table.columns().get(column).unit();
        if (unit == Unit.TEXT) {
            return DataTypes.StringType;
        }
        if (table.rows().stream().anyMatch(row -> row[column] instanceof BigInteger)) {
            return DataTypes.createDecimalType(DecimalType.MAX_PRECISION(), 0);
        }
        boolean isReal = table.rows().stream()
                .map(row -> TableReport.whole(row[column], unit))
                .anyMatch(cell -> cell instanceof Double);
        return isReal || unit == Unit.PERCENT || unit == Unit.PERCENT_PER_MINUTE
                ? DataTypes.DoubleType
                : DataTypes.LongType;
    }
}
