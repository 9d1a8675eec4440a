package org.damson.analyzer.curves;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.Serializable;
import java.io.UncheckedIOException;

/** {@link Curves} on their way from one process to another: the sums that are not 0. */
final class CurvesBytes implements Serializable {
    private static final long serialVersionUID = 1L;
    private final byte[] bytes;

    CurvesBytes(Curves curves) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try {
            curves.write(new DataOutputStream(out));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        bytes = out.toByteArray();
    }

    private Object readResolve() {
        try {
            return Curves.read(new DataInputStream(new ByteArrayInputStream(bytes)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
