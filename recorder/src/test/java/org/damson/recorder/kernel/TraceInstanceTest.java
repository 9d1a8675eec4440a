package org.damson.recorder.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class TraceInstanceTest {
    @TempDir
    Path tracefs;

    @Test
    void whereNoTracefsIsMountedNothingIsLeftBehind() throws Exception {
        assertEquals(List.of(), TraceInstance.orphans(Kernel.LOCAL, tracefs));
        assertEquals(List.of(), TraceInstance.orphans(Kernel.LOCAL, tracefs.resolve("nothing")));
    }

    @Test
    void instancesOfProcessesThatAreGoneAreFound() throws Exception {
        long own = ProcessHandle.current().pid();
        Path instances = Files.createDirectory(tracefs.resolve("instances"));
        Files.createDirectory(instances.resolve("damson-" + own + "-" + TraceInstance.startOf(own) + "-1"));
        Files.createDirectory(instances.resolve("somebody-else"));
        Path orphan = Files.createDirectory(instances.resolve("damson-" + own + "-1-1"));
        assertEquals(List.of(orphan), TraceInstance.orphans(Kernel.LOCAL, tracefs));
    }
}
