package org.damson.recorder.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;

final class ProcTest {
    /** Which the kernel gives out in one piece only. */
    @Test
    void readsNumbersOfMoreThanOneDigit() {
        assertTrue(
                Integer.parseInt(Proc.text(Path.of("/proc/sys/kernel/pid_max")).trim()) >= 301);
    }

    @Test
    void isEmptyOfWhatIsNotThere() {
        assertEquals("", Proc.text(Path.of("/proc/no/such/file")));
    }
}
