package org.damson.symbols.elf;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.StreamCorruptedException;
import java.util.List;

/** Both sides of what is said to and by the processes that read ELF files and walk stacks. The first byte chooses. */
public final class WireFuzz {
    private static final Wire.Request ASKED =
            new Wire.Request(List.of(new byte[] {'a'}), new byte[0], new long[] {1, 2}, new boolean[] {true, false});

    private WireFuzz() {}

    public static void fuzzerTestOneInput(byte[] data) throws IOException {
        if (data.length == 0) {
            return;
        }
        DataInputStream in = new DataInputStream(new ByteArrayInputStream(data, 1, data.length - 1));
        try {
            switch ((data[0] & 0xff) % 9) {
                case 0 -> answer(Wire.answer(in, ASKED));
                case 1 -> Wire.requests(in).forEach(r -> assertTrue(r.places().length == r.calls().length));
                case 2 -> UnwindWire.files(in);
                case 3 -> assertTrue(UnwindWire.number(in) < UnwindWire.SPACES);
                case 4 -> UnwindWire.modules(in);
                case 5 -> UnwindWire.registers(in);
                case 6 -> UnwindWire.used(in);
                case 7 -> UnwindWire.rule(in);
                default -> assertTrue(UnwindWire.frames(in).addresses().length <= UnwindWire.MAX_FRAMES);
            }
        } catch (EOFException | StreamCorruptedException e) {
            assertTrue(e.getMessage() == null || e.getMessage().lines().count() == 1, e.getMessage());
        }
    }

    private static void answer(Wire.Answer a) {
        assertTrue(a.file() >= -1 && a.file() < ASKED.files().size(), "file " + a.file());
        assertTrue(
                a.names().isEmpty() || a.names().size() == ASKED.places().length,
                a.names().size() + " places");
    }
}
