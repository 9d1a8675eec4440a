package org.damson.cli.console;

/** What is known to be missing of the recordings that a command reads; the later in order says more. */
public enum Missing {
    NOTHING,
    /** A trace has losses or is damaged: it says so itself, and so does what is copied from it. */
    IN_TRACE,
    /** What this command gives does not say it: another tool's recording is cut off, lost events, or could not be read in part. */
    ON_THE_WAY
}
