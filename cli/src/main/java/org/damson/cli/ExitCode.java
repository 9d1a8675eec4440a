package org.damson.cli;

/** What damson's exit codes mean; they are part of its interface. */
final class ExitCode {
    static final int OK = 0;
    /** A comparison went beyond its tolerance, a verification found something. */
    static final int FINDINGS = 1;

    static final int USAGE = 2;
    /** The input is missing, invalid or corrupt. */
    static final int INPUT = 3;
    /** This machine or this user lacks a capability, a permission, or room. */
    static final int CAPABILITY = 4;
    /** Done, but not all of it: losses while recording, importing or recovering. */
    static final int PARTIAL = 5;

    /** A comparison, and only that: neither surely within its tolerance nor surely beyond it. */
    static final int UNDECIDED = 6;

    static final int INTERRUPTED = 130;

    private ExitCode() {}
}
