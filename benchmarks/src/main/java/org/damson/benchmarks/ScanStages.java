package org.damson.benchmarks;

import com.github.luben.zstd.ZstdDecompressCtx;
import com.sun.management.OperatingSystemMXBean;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import org.apache.parquet.format.ColumnChunk;
import org.apache.parquet.format.ColumnMetaData;
import org.apache.parquet.format.FileMetaData;
import org.apache.parquet.format.PageHeader;
import org.apache.parquet.format.RowGroup;
import org.apache.parquet.format.Util;
import org.damson.analyzer.workingset.WorkingSet;
import org.damson.analyzer.workingset.WorkingSetOptions;
import org.damson.model.Snapshot;
import org.damson.model.TraceQuery;
import org.damson.model.TraceSource;
import org.damson.trace.Traces;

/**
 * Where the time of a scan goes: {@code ScanStages TRACE [ROUNDS]}. Each line is one stage more over the columns that a working set
 * needs, on one thread: the bytes as they are stored, their checksums, decompressed, decoded to snapshots, and summed up; beside them
 * a copy of as many bytes as the columns have, which is what memory allows. The last line is the report on all processors.
 */
public final class ScanStages {
    private static final Set<String> COLUMNS = Set.of("start", "end", "nr_accesses");

    /** A page as it is stored. */
    private record Page(int offset, int stored, int size) {}

    private record Chunk(Path file, long from, int bytes) {}

    private interface Stage {
        /** Returns how many bytes, or rows, it went through. */
        long run() throws IOException;
    }

    private ScanStages() {}

    /** Runs it. */
    public static void main(String[] args) throws IOException {
        Path trace = Path.of(args[0]);
        int rounds = args.length > 1 ? Integer.parseInt(args[1]) : 3;
        List<Chunk> chunks = chunks(trace);
        for (int i = 0; i < rounds; i++) {
            time("read, bytes", () -> stored(chunks, false, false));
            time("and checksums, bytes", () -> stored(chunks, true, false));
            long plain = time("and decompression, bytes", () -> stored(chunks, true, true));
            time("a copy of these, bytes", () -> copy(plain));
            try (TraceSource source = Traces.open(trace)) {
                long rows = time("decoded to snapshots, rows", () -> decode(source, false));
                time("and a working set, rows", () -> decode(source, true));
                time("report wss, all processors, rows", () -> report(source, rows));
            }
        }
    }

    private static long time(String what, Stage stage) throws IOException {
        OperatingSystemMXBean system = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
        long cpu = system.getProcessCpuTime();
        long wall = System.nanoTime();
        long n = stage.run();
        System.out.printf(
                Locale.ROOT,
                "%-36s %,14d  %6.3f s of CPU  %6.3f s passed%n",
                what,
                n,
                (system.getProcessCpuTime() - cpu) / 1e9,
                (System.nanoTime() - wall) / 1e9);
        return n;
    }

    private static List<Chunk> chunks(Path trace) throws IOException {
        List<Path> files;
        try (Stream<Path> all = Files.list(trace)) {
            files = all.filter(f -> f.getFileName().toString().matches("regions-.*\\.parquet"))
                    .sorted()
                    .toList();
        }
        List<Chunk> chunks = new ArrayList<>();
        for (Path file : files) {
            byte[] bytes = Files.readAllBytes(file);
            int length = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getInt(bytes.length - 8);
            FileMetaData footer =
                    Util.readFileMetaData(new ByteArrayInputStream(bytes, bytes.length - 8 - length, length));
            for (RowGroup group : footer.getRow_groups()) {
                for (ColumnChunk chunk : group.getColumns()) {
                    ColumnMetaData meta = chunk.getMeta_data();
                    if (COLUMNS.contains(meta.getPath_in_schema().get(0))) {
                        boolean hasDictionary =
                                meta.isSetDictionary_page_offset() && meta.getDictionary_page_offset() > 0;
                        long from = hasDictionary ? meta.getDictionary_page_offset() : meta.getData_page_offset();
                        chunks.add(new Chunk(file, from, (int) meta.getTotal_compressed_size()));
                    }
                }
            }
        }
        return chunks;
    }

    private static long stored(List<Chunk> chunks, boolean check, boolean unpack) throws IOException {
        long bytes = 0;
        byte[] packed = new byte[1 << 20];
        byte[] plain = new byte[1 << 20];
        try (ZstdDecompressCtx zstd = new ZstdDecompressCtx()) {
            for (Chunk chunk : chunks) {
                packed = packed.length < chunk.bytes ? new byte[2 * chunk.bytes] : packed;
                try (FileChannel channel = FileChannel.open(chunk.file)) {
                    ByteBuffer into = ByteBuffer.wrap(packed, 0, chunk.bytes);
                    while (into.hasRemaining() && channel.read(into, chunk.from + into.position()) >= 0) {
                        // to the end
                    }
                }
                bytes += chunk.bytes;
                if (!check) {
                    continue;
                }
                bytes -= unpack ? chunk.bytes : 0;
                ByteArrayInputStream in = new ByteArrayInputStream(packed, 0, chunk.bytes);
                while (in.available() > 0) {
                    PageHeader header = Util.readPageHeader(in);
                    int at = chunk.bytes - in.available();
                    Page page = new Page(at, header.getCompressed_page_size(), header.getUncompressed_page_size());
                    CRC32 crc = new CRC32();
                    crc.update(packed, page.offset, page.stored);
                    if ((int) crc.getValue() != header.getCrc()) {
                        throw new IOException("checksum");
                    }
                    if (unpack) {
                        plain = plain.length < page.size ? new byte[2 * page.size] : plain;
                        bytes += zstd.decompressByteArray(plain, 0, page.size, packed, page.offset, page.stored);
                    }
                    in.skip(page.stored);
                }
            }
        }
        return bytes;
    }

    private static long copy(long bytes) {
        byte[] from = new byte[2 << 20];
        byte[] to = new byte[2 << 20];
        long done = 0;
        for (; done < bytes; done += from.length) {
            System.arraycopy(from, 0, to, 0, from.length);
        }
        return done;
    }

    private static long decode(TraceSource trace, boolean sum) throws IOException {
        long rows = 0;
        long bytes = 0;
        try (TraceSource.SnapshotCursor cursor = trace.snapshots(TraceQuery.ALL.columns(0))) {
            Snapshot s = new Snapshot();
            while (cursor.next(s)) {
                rows += s.regions;
                for (int i = 0; sum && i < s.regions; i++) {
                    bytes += s.nrAccesses[i] >= 1 ? s.end[i] - s.start[i] : 0;
                }
            }
        }
        return bytes == 1 ? 0 : rows;
    }

    private static long report(TraceSource trace, long rows) throws IOException {
        WorkingSet.compute(trace, TraceQuery.ALL, new WorkingSetOptions(2, 0))
                .total()
                .mean();
        return rows;
    }
}
