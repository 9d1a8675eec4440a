package org.damson.trace.journal;

import java.nio.Buffer;
import org.apache.arrow.memory.RootAllocator;
import org.damson.model.MissingCapabilityException;

/** Whether Arrow, which journals are written and read by, may reach into {@code java.nio}; where not, it fails in obscure ways. */
public final class OpenBuffers {
    private static final boolean ARE_OPEN =
            Buffer.class.getModule().isOpen("java.nio", RootAllocator.class.getModule());

    private OpenBuffers() {}

    /** @param work what takes them, as the subject of a sentence */
    public static void require(String work) throws MissingCapabilityException {
        if (!ARE_OPEN) {
            throw new MissingCapabilityException(
                    work + " needs the Java option --add-opens=java.base/java.nio=ALL-UNNAMED");
        }
    }
}
