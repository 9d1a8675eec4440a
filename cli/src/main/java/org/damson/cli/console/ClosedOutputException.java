package org.damson.cli.console;

import java.io.IOException;

/**
 * Standard output cannot be written. Unchecked on purpose: a PrintStream swallows every IOException, and a command
 * whose reader has gone away would compute to the end for nobody.
 */
public final class ClosedOutputException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    ClosedOutputException(IOException cause) {
        super(cause.getMessage(), cause, false, false);
    }

    /** Whether the reader closed its end, which is not an error of ours. */
    public boolean isBrokenPipe() {
        String message = getMessage();
        return message != null && message.contains("Broken pipe");
    }
}
