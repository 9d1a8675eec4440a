package org.damson.analyzer.curves;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.Serializable;
import java.io.UncheckedIOException;

/** {@link Curves} as the sums that are not 0: some kilobytes where they take 300, to keep many of and to send. */
public final class PackedCurves implements Serializable {
    private static final long serialVersionUID = 1L;
    private final long aggrUs;
    private final byte[] bytes;

    private PackedCurves(long aggrUs, byte[] bytes) {
        this.aggrUs = aggrUs;
        this.bytes = bytes;
    }

    public static PackedCurves of(Curves curves) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try {
            curves.write(new DataOutputStream(out));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return new PackedCurves(curves.aggrUs(), out.toByteArray());
    }

    /** The same as {@link Curves#aggrUs}. */
    public long aggrUs() {
        return aggrUs;
    }

    public Curves unpacked() {
        try {
            return Curves.read(new DataInputStream(new ByteArrayInputStream(bytes)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
