package org.damson.cli.command;

/** A command cannot go on and knows its exit code; the message is one line. */
public final class CommandFailedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final int code;

    public CommandFailedException(int code, String message) {
        super(message, null, false, false);
        this.code = code;
    }

    /** The exit code to end with. */
    public int code() {
        return code;
    }
}
