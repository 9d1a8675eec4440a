package org.damson.trace;

import java.util.List;

/**
 * What {@link Traces#verify} found.
 *
 * @param findings one line each; empty if the trace is good
 * @param notes what is not damage but worth knowing, one line each
 * @param files files looked at
 * @param rows rows in them
 * @param bytes their bytes
 */
public record VerifyReport(List<String> findings, List<String> notes, long files, long rows, long bytes) {}
