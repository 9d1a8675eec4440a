package org.damson.exchange;

import java.io.IOException;
import java.io.OutputStream;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;
import org.damson.model.TraceSource;

/** Writes traces in other programs' formats. The caller closes the stream. */
public final class Exporters {
    private Exporters() {}

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
