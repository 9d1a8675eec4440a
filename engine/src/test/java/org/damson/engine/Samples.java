package org.damson.engine;

import java.nio.file.Path;

/** Recordings that come with the project, and places of the build. */
final class Samples {
    static final Path TOP = Path.of("..").toAbsolutePath().normalize();
    static final Path TESTDATA = TOP.resolve("testdata");
    /** A staircase: 189 snapshots, 3,109 regions, ages. */
    static final Path STAIRS = TESTDATA.resolve("stairs/tracefs.txt.gz");

    private Samples() {}
}
