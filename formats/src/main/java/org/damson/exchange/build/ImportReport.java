package org.damson.exchange.build;

import java.util.List;

/**
 * Result of an import.
 *
 * @param format name of the format it was read as
 * @param snapshots snapshots written
 * @param regions region rows written
 * @param lost regions and events known to be missing
 * @param notes one line each, for the user
 * @param damo what of it damo 3.3.0 fails on or misreads, one line each that goes on after "damo 3.3.0"
 */
public record ImportReport(
        String format, long snapshots, long regions, long lost, List<String> notes, List<String> damo) {}
