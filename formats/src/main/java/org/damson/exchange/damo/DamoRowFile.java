package org.damson.exchange.damo;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.Closeable;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.damson.exchange.build.SnapshotSorter;
import org.damson.exchange.build.TraceBuilder;
import org.damson.model.Batch;
import org.damson.model.Table;
import org.damson.trace.WritingStream;

/** Rows of {@link Table#DAMO}, which wait in a temporary file until it is known which ids their snapshots get. */
final class DamoRowFile implements Closeable {
    private final FileChannel file = SnapshotSorter.temporaryFile();
    private final DataOutputStream out = new DataOutputStream(new WritingStream(
            Path.of(System.getProperty("java.io.tmpdir")),
            new BufferedOutputStream(Channels.newOutputStream(file), 1 << 16)));
    private long count;

    DamoRowFile() throws IOException {}

    void add(int record, int number, int region, String json) throws IOException {
        out.writeInt(record);
        out.writeInt(number);
        out.writeInt(region);
        byte[] text = json.getBytes(StandardCharsets.UTF_8);
        out.writeInt(text.length);
        out.write(text);
        count++;
    }

    void writeTo(TraceBuilder trace) throws IOException {
        out.flush();
        file.position(0);
        DataInputStream in = new DataInputStream(new BufferedInputStream(Channels.newInputStream(file), 1 << 16));
        Batch rows = new Batch(Table.DAMO);
        for (long i = 0; i < count; i++) {
            int record = in.readInt();
            int number = in.readInt();
            int region = in.readInt();
            String json = new String(in.readNBytes(in.readInt()), StandardCharsets.UTF_8);
            rows.add(record, number < 0 ? -1 : trace.id(number), region, json);
            trace.drain(rows, 1 << 12);
        }
        trace.drain(rows, 1);
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
