package org.damson.symbols.elf;

import com.sun.jna.Memory;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.StreamCorruptedException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.damson.symbols.elf.UnwindWire.CodeFile;
import org.damson.symbols.elf.UnwindWire.Placed;

/**
 * The process that walks copies of stacks: takes from standard input which files there may be, opens them, gives up all privileges, and only
 * then looks at what is in them. It goes on until there is no more to read.
 */
public final class StackReader {
    private final OpenFiles files;
    private final Memory callbacks;
    private final MappedFiles[] spaces = new MappedFiles[UnwindWire.SPACES];

    private StackReader(OpenFiles files, Memory callbacks) {
        this.files = files;
        this.callbacks = callbacks;
    }

    public static void main(String[] arguments) throws IOException {
        Confinement.ignoreRequestsToEnd();
        DataInputStream in = new DataInputStream(new BufferedInputStream(System.in, 1 << 16));
        DataOutputStream out = new DataOutputStream(new BufferedOutputStream(System.out));
        byte[] debugPath = Wire.debugPath(in);
        List<CodeFile> told = UnwindWire.files(in);
        Memory callbacks;
        try {
            callbacks = Libdw.callbacks(debugPath);
        } catch (UnsatisfiedLinkError e) {
            System.exit(Wire.NO_LIBRARY);
            return;
        }
        StackReader reader = new StackReader(new OpenFiles(told, callbacks), callbacks);
        loadClasses(callbacks);
        Confinement.enter();
        for (int asked = in.read(); asked >= 0; asked = in.read()) {
            int number = UnwindWire.number(in);
            switch (asked) {
                case UnwindWire.SPACE -> reader.space(number, UnwindWire.modules(in), out);
                case UnwindWire.RULE ->
                    UnwindWire.write(out, reader.space(number).rule(in.readLong()));
                case UnwindWire.WALK ->
                    UnwindWire.write(out, reader.space(number).walk(UnwindWire.registers(in), UnwindWire.stack(in)));
                default -> throw new StreamCorruptedException("request " + asked);
            }
        }
    }

    private void space(int number, List<Placed> modules, DataOutputStream out) throws IOException {
        if (spaces[number] != null) {
            spaces[number].close();
        }
        spaces[number] = new MappedFiles(callbacks);
        for (Placed m : modules) {
            UnwindWire.write(out, spaces[number].add(m, files));
        }
    }

    private MappedFiles space(int number) throws IOException {
        if (spaces[number] == null) {
            throw new StreamCorruptedException("set " + number + " is not known");
        }
        return spaces[number];
    }

    /** Whoever is nobody may be unable to read them later. The program that runs is a file with everything that is needed. */
    private static void loadClasses(Memory callbacks) throws IOException {
        byte[] self = "/proc/self/exe".getBytes(StandardCharsets.US_ASCII);
        OpenFiles files = new OpenFiles(List.of(new CodeFile(List.of(self), new byte[0])), callbacks);
        DataOutputStream nowhere = new DataOutputStream(OutputStream.nullOutputStream());
        try (MappedFiles program = new MappedFiles(callbacks)) {
            // Wherever its code is: some of the pages have frames.
            long base = 1L << 32;
            long pages = 16;
            for (long page = 0; page < pages; page++) {
                UnwindWire.write(nowhere, program.add(new Placed(0, base + page * 4096, page * 4096), files));
            }
            for (long at = base; at < base + pages * 4096; at += 256) {
                UnwindWire.Registers registers = new UnwindWire.Registers(1 << 7 | 1 << 8, new long[] {1 << 20, at});
                UnwindWire.write(nowhere, program.walk(registers, new byte[1 << 10]));
                UnwindWire.write(nowhere, program.rule(at));
            }
        }
    }
}
