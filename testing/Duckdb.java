import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.Statement;

/** What `duckdb -c SQL` answers, by DuckDB's Java library: the column names, then a line a row, separated by commas. */
class Duckdb {
    public static void main(String[] arguments) throws Exception {
        try (Connection connection = DriverManager.getConnection("jdbc:duckdb:");
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(arguments[arguments.length - 1])) {
            int columns = rows.getMetaData().getColumnCount();
            for (boolean heading = true; heading || rows.next(); heading = false) {
                StringBuilder line = new StringBuilder();
                for (int column = 1; column <= columns; column++) {
                    line.append(column == 1 ? "" : ",")
                            .append(heading ? rows.getMetaData().getColumnLabel(column) : rows.getString(column));
                }
                System.out.println(line);
            }
        }
    }
}
