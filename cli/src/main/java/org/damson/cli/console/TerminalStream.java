package org.damson.cli.console;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import org.damson.model.text.Printable;

/**
 * Text in UTF-8 on its way to a terminal: what a terminal would act on, and bytes that are not UTF-8, become {@code ?}.
 * Line feeds and tabs pass; sequences that set colours pass where the text is damson's own.
 */
final class TerminalStream extends OutputStream {
    private static final int MAX_PENDING = 64;

    private final OutputStream to;
    private final boolean colours;
    private final byte[] pending = new byte[MAX_PENDING];
    private int length;
    private int wanted;

    TerminalStream(OutputStream to, boolean colours) {
        this.to = to;
        this.colours = colours;
    }

    @Override
    public void write(int b) throws IOException {
        int c = b & 0xff;
        if (length > 0 && pending[0] == 0x1b) {
            sequence(c);
        } else if (length > 0) {
            character(c);
        } else {
            first(c);
        }
    }

    private void first(int c) throws IOException {
        wanted = c < 0x80 ? 1 : c >= 0xc2 && c < 0xe0 ? 2 : c >= 0xe0 && c < 0xf0 ? 3 : c >= 0xf0 && c < 0xf5 ? 4 : 0;
        if (c == 0x1b && colours || wanted > 1) {
            pending[length++] = (byte) c;
        } else {
            to.write(wanted == 1 && (c == '\n' || c == '\t' || Printable.isInert(c)) ? c : '?');
        }
    }

    private void character(int c) throws IOException {
        if (c >> 6 != 2) {
            length = 0;
            to.write('?');
            first(c);
            return;
        }
        pending[length++] = (byte) c;
        if (length == wanted) {
            String text = new String(pending, 0, length, StandardCharsets.UTF_8);
            boolean inert = text.codePointCount(0, text.length()) == 1 && Printable.isInert(text.codePointAt(0));
            to.write(inert ? pending : new byte[] {'?'}, 0, inert ? length : 1);
            length = 0;
        }
    }

    /** Within an escape sequence: {@code ESC [ 38;5;1 m} passes. */
    private void sequence(int c) throws IOException {
        boolean goesOn = length == 1 ? c == '[' : c >= '0' && c <= '9' || c == ';';
        if (goesOn && length < MAX_PENDING - 1) {
            pending[length++] = (byte) c;
            return;
        }
        boolean colour = length > 1 && c == 'm';
        if (!colour) {
            pending[0] = '?';
        }
        to.write(pending, 0, length);
        length = 0;
        if (colour) {
            to.write(c);
        } else {
            first(c);
        }
    }

    @Override
    public void flush() throws IOException {
        to.flush();
    }
}
