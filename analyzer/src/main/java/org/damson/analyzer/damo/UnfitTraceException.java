package org.damson.analyzer.damo;

/** A trace lacks what one of damo's reports needs; the message is one line, without the trace's name. */
public final class UnfitTraceException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public UnfitTraceException(String message) {
        super(message);
    }
}
