package org.damson.cli.console;

/** What is known to be missing from the recordings that a command reads; later constants outrank earlier ones. */
public enum Missing {
    NOTHING,
    /** A trace has losses or is damaged: it says so itself, and so does what is copied from it. */
    IN_TRACE,
    /** Not visible in the output: another tool's recording is cut off, lost events, or could not be read in part. */
    ON_THE_WAY
}
