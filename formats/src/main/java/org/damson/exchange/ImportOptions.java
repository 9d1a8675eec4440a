package org.damson.exchange;

import org.damson.model.MonitoringAttrs;

/**
 * What the user says about a recording that the recording does not say itself.
 *
 * @param intervals the monitoring intervals, null if not given
 */
public record ImportOptions(MonitoringAttrs intervals) {
    /** Nothing given. */
    public static final ImportOptions NONE = new ImportOptions(null);
}
