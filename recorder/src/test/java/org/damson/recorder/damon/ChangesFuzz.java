package org.damson.recorder.damon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/** The journal of changes to the kernel, which root puts back: no line may lead out of the kdamonds' directory. */
public final class ChangesFuzz {
    private static final Path SYS = Path.of("/sys");
    private static final Path KDAMONDS = SYS.resolve("kernel/mm/damon/admin/kdamonds");

    private ChangesFuzz() {}

    public static void fuzzerTestOneInput(byte[] data) {
        List<ChangeLine> lines = ChangeLine.parse(new String(data, StandardCharsets.UTF_8));
        StringBuilder again = new StringBuilder();
        for (ChangeLine line : lines) {
            switch (line.kind()) {
                case ChangeLine.BOOT -> {}
                case ChangeLine.SUSPEND -> assertEquals(DamonUsers.STAT, line.path());
                case ChangeLine.WAS, ChangeLine.SET, ChangeLine.RUNS -> {
                    Path path = SYS.resolve(line.path());
                    assertEquals(path, path.normalize());
                    assertTrue(path.startsWith(KDAMONDS) && !path.equals(KDAMONDS), path.toString());
                    assertTrue(line.value().indexOf('\n') < 0, "a value of several lines");
                }
                default -> throw new AssertionError(line.kind());
            }
            again.append(line.text());
        }
        assertEquals(lines, ChangeLine.parse(again.toString()));
    }
}
