package org.damson.cli.record;

import java.io.PrintStream;
import org.damson.cli.console.Console;
import org.damson.model.text.Printable;
import org.damson.recorder.RecordingStatus;

/**
 * What a recording says of itself while it goes on: notices, and on a terminal a line that is drawn anew in place. The last
 * one stays.
 */
final class RecordingLine implements RecordingStatus {
    private final Console console;
    private final PrintStream to;
    private int shown;
    private boolean over;

    RecordingLine(Console console) {
        this.console = console;
        to = console.err();
    }

    @Override
    public synchronized void notice(String line) {
        end();
        console.note("damson: " + line);
    }

    @Override
    public synchronized void warning(String line) {
        end();
        console.error(line);
    }

    @Override
    public boolean wantsProgress() {
        return console.showsProgress();
    }

    @Override
    public synchronized void progress(String line) {
        if (over) {
            return;
        }
        String text = Printable.line(line);
        to.print("\r" + text + " ".repeat(Math.max(0, shown - text.length())));
        to.flush();
        shown = text.length();
    }

    @Override
    public synchronized void ended() {
        over = true;
        end();
    }

    private void end() {
        if (shown > 0) {
            to.println();
            shown = 0;
        }
    }
}
