package org.damson.exchange;

import java.io.IOException;
import java.io.OutputStream;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;
import org.damson.exchange.damo.DamoJson;
import org.damson.model.Table;
import org.damson.model.TraceSource;

/** Writes traces in other programs' formats. The caller closes the stream. */
public final class Exporters {
    private Exporters() {}

    /** DAMON's events as {@code perf script --ns} prints them. */
    public static void perfScript(TraceSource trace, OutputStream out) throws IOException {
        PerfScript.write(trace, out);
    }

    /** One target's accesses as a configuration for masim. */
    public static void masim(TraceSource trace, OutputStream out) throws IOException {
        MasimConfig.write(trace, out);
    }

    /** A table as RFC 4180 text with a heading, numbers as stored; a column that the trace leaves out is empty. */
    public static void csv(TraceSource trace, Table table, OutputStream out) throws IOException {
        TableText.csv(trace, table, out);
    }

    /** A table as one JSON object per row; a column that the trace leaves out is left out. */
    public static void jsonLines(TraceSource trace, Table table, OutputStream out) throws IOException {
        TableText.jsonLines(trace, table, out);
    }

    /** damo's plain JSON record, byte for byte what damo 3.3.0 writes. */
    public static void damoJson(TraceSource trace, OutputStream out) throws IOException {
        DamoJson.write(trace, out);
    }

    /** The same in one zlib stream, damo's default format. */
    public static void damoJsonCompressed(TraceSource trace, OutputStream out) throws IOException {
        Deflater deflater = new Deflater(6);
        try {
            DeflaterOutputStream zlib = new DeflaterOutputStream(out, deflater, 1 << 16);
            DamoJson.write(trace, zlib);
            zlib.finish();
        } finally {
            deflater.end();
        }
    }
}
