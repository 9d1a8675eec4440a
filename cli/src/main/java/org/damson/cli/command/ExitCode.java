package org.damson.cli.command;

/** What damson's exit codes mean; they are part of its interface. */
public final class ExitCode {
    public static final int OK = 0;
    /** A comparison went beyond its tolerance, a verification found something. */
    public static final int FINDINGS = 1;

    public static final int USAGE = 2;
    /** The input is missing, invalid or corrupt. */
    public static final int INPUT = 3;
    /** This machine or this user lacks a capability, a permission, or room. */
    public static final int CAPABILITY = 4;
    /** Done, but not all of it: losses while recording, importing or recovering, traces of many that are not whole. */
    public static final int PARTIAL = 5;

    /** A comparison, and only that: neither surely within its tolerance nor surely beyond it. */
    public static final int UNDECIDED = 6;

    /** A fault of damson's own. */
    public static final int INTERNAL = 70;

    public static final int INTERRUPTED = 130;

    private ExitCode() {}
}
