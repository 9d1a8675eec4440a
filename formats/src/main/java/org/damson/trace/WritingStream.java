package org.damson.trace;

import java.io.BufferedWriter;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.damson.model.MissingCapabilityException;

/** A stream to a file whose failures say that they are about writing, beside whatever is read for it. */
public final class WritingStream extends FilterOutputStream {
    private final Path file;

    public WritingStream(Path file, OutputStream to) {
        super(to);
        this.file = file;
    }

    /** Text in UTF-8 to a new file, or in the place of what is there. */
    public static Writer text(Path file) throws IOException {
        try {
            OutputStream to = new WritingStream(file, Files.newOutputStream(file));
            return new BufferedWriter(new OutputStreamWriter(to, StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw MissingCapabilityException.whileWriting(file, e);
        }
    }

    @Override
    public void write(int b) throws IOException {
        try {
            out.write(b);
        } catch (IOException e) {
            throw MissingCapabilityException.whileWriting(file, e);
        }
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        try {
            out.write(bytes, offset, length);
        } catch (IOException e) {
            throw MissingCapabilityException.whileWriting(file, e);
        }
    }

    @Override
    public void flush() throws IOException {
        try {
            out.flush();
        } catch (IOException e) {
            throw MissingCapabilityException.whileWriting(file, e);
        }
    }

    @Override
    public void close() throws IOException {
        try {
            out.close();
        } catch (IOException e) {
            throw MissingCapabilityException.whileWriting(file, e);
        }
    }
}
