package org.damson.api;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** What {@code damson-engine} provides. Programs call {@link Trace}, {@link TraceWriter}, {@link Recording} and {@link Fleet} instead. */
public interface Engine {
    /** As {@link Trace#open}. */
    Trace open(Path path) throws IOException;

    /** As {@link TraceWriter#create}. */
    TraceWriter create(Path directory, long sampleUs, long aggrUs) throws IOException;

    /** As {@link Recording#start}. */
    Recording record(Recording.Options options) throws IOException;

    /** As {@link Fleet#report}. */
    Fleet fleet(List<Path> roots) throws IOException;
}
