package org.damson.analyzer.render.fleet;

import java.io.IOException;
import java.util.SortedMap;
import org.damson.analyzer.fleet.FleetEngine;
import org.damson.analyzer.render.table.TableReport;

/** An engine that also writes what came of its plans. */
public interface FleetService extends FleetEngine {
    /** Starts one; found as a service, so that damson is complete without. */
    interface Provider {
        /**
         * @param master a cluster's address; null: this machine alone
         * @param settings of the engine's own, by name
         */
        FleetService open(String master, SortedMap<String, String> settings) throws IOException;
    }

    /**
     * Writes a table as a directory of Parquet files.
     *
     * @param mayReplace whether to replace what is there
     */
    void writeParquet(TableReport.Section table, String path, boolean mayReplace) throws IOException;
}
