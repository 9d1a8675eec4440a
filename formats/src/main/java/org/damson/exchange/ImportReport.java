package org.damson.exchange;

import java.util.List;

/**
 * What an import brought.
 *
 * @param format name of the format it was read as
 * @param snapshots snapshots written
 * @param regions region rows written
 * @param lost regions and events known to be missing
 * @param notes one line each, for the user
 */
public record ImportReport(String format, long snapshots, long regions, long lost, List<String> notes) {}
