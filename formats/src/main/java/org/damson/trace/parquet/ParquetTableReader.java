package org.damson.trace.parquet;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import org.apache.parquet.format.ColumnMetaData;
import org.damson.model.Column;
import org.damson.model.MissingCapabilityException;
import org.damson.model.Table;
import org.damson.model.TraceFormatException;
import org.damson.trace.files.SafeFiles;

/** Reads row groups of one Parquet file of one table into {@link Batch}es by decoding pages directly. */
public final class ParquetTableReader implements RowGroups {
    /** Rows of a row group that a reader accepts; bounds what a lying footer can make it allocate. */
    public static final int MAX_ROW_GROUP_ROWS = 4 << 20;

    private final String name;
    private final Table table;
    private final FileChannel channel;
    private final long offset;
    private final long length;
    private final ParquetFooter footer;
    private final boolean[] inFile;
    private final boolean verifyChecksums;
    /** By column; made when they are needed. */
    private final PageBuffers[] pages;

    /** Opens bytes {@code [offset, offset + length)} of {@code channel}, which this reader then owns. */
    public ParquetTableReader(String name, Table table, FileChannel channel, long offset, long length)
            throws IOException {
        this(name, table, channel, offset, length, true);
    }

    /** With a choice that fuzzing needs: behind checksums it would find nothing. */
    public ParquetTableReader(
            String name, Table table, FileChannel channel, long offset, long length, boolean verifyChecksums)
            throws IOException {
        this.name = name;
        this.table = table;
        this.channel = channel;
        this.offset = offset;
        this.length = length;
        this.verifyChecksums = verifyChecksums;
        try {
            ZstdCodecs.require();
            footer = ParquetFooter.read(channel, offset, length);
            inFile = footer.columnsOf(table);
        } catch (MissingCapabilityException e) {
            channel.close();
            throw e;
        } catch (RuntimeException | IOException e) {
            channel.close();
            throw damaged("footer", e);
        } catch (OutOfMemoryError e) {
            channel.close();
            throw new TraceFormatException(name, "footer", "claims more memory than there is", e);
        }
        pages = new PageBuffers[inFile.length];
    }

    public static ParquetTableReader open(Path file, Table table) throws IOException {
        FileChannel channel = SafeFiles.open(file);
        return new ParquetTableReader(file.toString(), table, channel, 0, channel.size());
    }

    @Override
    public boolean has(int column) {
        return inFile[column];
    }

    /** Which columns of the table the file has. */
    public boolean[] columns() {
        return inFile.clone();
    }

    /** Hands a row group over as it is, without decoding it. */
    public void copyRowGroup(int group, ParquetTableWriter to) throws IOException {
        try {
            to.appendRowGroup(channel, offset, footer.rowGroup(group));
        } catch (RuntimeException e) {
            throw damaged("row group " + group, e);
        }
    }

    @Override
    public int rowGroups() {
        return footer.rowGroups();
    }

    @Override
    public int rows(int group) throws IOException {
        long rows = footer.rowGroup(group).getNum_rows();
        if (rows < 0 || rows > MAX_ROW_GROUP_ROWS) {
            throw new TraceFormatException(name, "row group " + group, "claims " + rows + " rows");
        }
        return (int) rows;
    }

    @Override
    public long rows() throws IOException {
        long sum = 0;
        for (int g = 0; g < rowGroups(); g++) {
            sum += rows(g);
        }
        return sum;
    }

    @Override
    public Rows open(int group, boolean[] wanted) throws IOException {
        int rows = rows(group);
        try {
            return new Group(group, rows, wanted);
        } catch (RuntimeException | IOException e) {
            throw damaged("row group " + group, e);
        }
    }

    /** Reads the columns of a row group side by side. */
    private final class Group implements Rows {
        private final int group;
        private final ColumnPages[] columns = new ColumnPages[inFile.length];
        private int left;

        Group(int group, int rows, boolean[] wanted) throws IOException {
            this.group = group;
            left = rows;
            for (int c = 0; c < columns.length; c++) {
                if (wanted[c] && inFile[c]) {
                    columns[c] = column(group, c);
                }
            }
        }

        @Override
        public boolean has(int column) {
            return columns[column] != null;
        }

        @Override
        public int left() {
            return left;
        }

        @Override
        public int together(int n) throws IOException {
            int rows = n;
            try {
                for (int c = 0; c < columns.length; c++) {
                    rows = columns[c] == null ? rows : columns[c].together(rows);
                }
            } catch (RuntimeException | IOException e) {
                throw damaged("row group " + group, e);
            }
            return rows;
        }

        @Override
        public void read(Object[] into, int at, int n) throws IOException {
            try {
                for (int c = 0; c < columns.length; c++) {
                    if (columns[c] != null) {
                        columns[c].read(into[c], at, n);
                    }
                }
            } catch (RuntimeException | IOException e) {
                throw damaged("row group " + group, e);
            } catch (OutOfMemoryError e) {
                throw new TraceFormatException(name, "row group " + group, "claims more memory than there is", e);
            }
            left -= n;
        }

        @Override
        public int skip(long n) throws IOException {
            int over = (int) Math.min(n, left);
            left -= over;
            try {
                // Nothing after the end of the group is of interest, so its pages are not even looked at.
                for (int c = 0; c < columns.length && left > 0; c++) {
                    if (columns[c] != null) {
                        columns[c].skip(over);
                    }
                }
            } catch (RuntimeException | IOException e) {
                throw damaged("row group " + group, e);
            }
            return over;
        }
    }

    private ColumnPages column(int group, int c) throws IOException {
        Column column = table.columns().get(c);
        ColumnMetaData chunk = ParquetFooter.chunk(footer.rowGroup(group), column.name());
        if (chunk == null) {
            throw new IOException("no column " + column.name());
        }
        long from = ParquetFooter.start(chunk);
        long size = chunk.getTotal_compressed_size();
        if (from < 0 || size < 0 || from > length || size > length - from) {
            throw new IOException("column " + column.name() + " lies outside the file");
        }
        if (pages[c] == null) {
            pages[c] = new PageBuffers(verifyChecksums);
        }
        return new ColumnPages(channel, offset + from, offset + from + size, chunk.getCodec(), column, pages[c]);
    }

    /** What a failure says of the file: nothing where the reading thread was interrupted or the file closed by another. */
    private IOException damaged(String place, Exception e) {
        if (e instanceof TraceFormatException
                || e instanceof ClosedChannelException
                || e instanceof InterruptedIOException) {
            return (IOException) e;
        }
        String why = e.getMessage() == null ? "not readable" : e.getMessage();
        return new TraceFormatException(
                name, place, "damaged Parquet: " + why.lines().findFirst().orElse(""), e);
    }

    @Override
    public void close() throws IOException {
        for (PageBuffers page : pages) {
            if (page != null) {
                page.close();
            }
        }
        channel.close();
    }
}
