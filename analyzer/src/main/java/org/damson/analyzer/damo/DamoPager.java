package org.damson.analyzer.damo;

import java.io.IOException;

/**
 * Ends a report as damo does: what is longer than fifty lines goes through a pager there, which does not end the last line.
 */
public final class DamoPager implements Appendable {
    private static final int SCREEN_LINES = 50;
    private final Appendable out;
    private final boolean compat;
    private long lineEnds;

    public DamoPager(Appendable out, boolean compat) {
        this.out = out;
        this.compat = compat;
    }

    @Override
    public DamoPager append(CharSequence text) throws IOException {
        return append(text, 0, text.length());
    }

    @Override
    public DamoPager append(CharSequence text, int start, int end) throws IOException {
        for (int i = start; i < end; i++) {
            lineEnds += text.charAt(i) == '\n' ? 1 : 0;
        }
        out.append(text, start, end);
        return this;
    }

    @Override
    public DamoPager append(char c) throws IOException {
        lineEnds += c == '\n' ? 1 : 0;
        out.append(c);
        return this;
    }

    public void end() throws IOException {
        if (!compat || lineEnds <= SCREEN_LINES) {
            out.append('\n');
        }
    }
}
