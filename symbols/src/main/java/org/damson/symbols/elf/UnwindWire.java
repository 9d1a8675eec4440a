package org.damson.symbols.elf;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.StreamCorruptedException;
import java.util.ArrayList;
import java.util.List;
import org.damson.symbols.elf.Wire.Outcome;

/**
 * Protocol between damson and the process that walks stacks: first the files that it may use; then, in any order, which of them a
 * process has mapped where, how to get from a frame to its caller, and copies of stacks. Each side treats the other's messages as hostile.
 */
public final class UnwindWire {
    /** Sets of mapped files that are known at a time, by number. */
    public static final int SPACES = 8;

    /** Frames of a walk; perf's own limit is 127. */
    public static final int MAX_FRAMES = 512;

    static final int SPACE = 1;
    static final int WALK = 2;
    static final int RULE = 3;
    private static final int MAX_MODULES = 1024;
    private static final int MAX_STACK_BYTES = 1 << 16;
    private static final int MAX_REGISTERS = 64;

    /** Why a walk ends. */
    public enum End {
        BEGIN(""),
        COPY("the copy of the stack ends there"),
        NO_FILE("code of a file that is missing here"),
        NO_TABLE("code without unwind information"),
        NO_REGISTERS("registers that are required are not recorded"),
        TOO_DEEP("more than " + MAX_FRAMES + " frames"),
        LOST("unwind information that is unusable");

        /** How far from the stack pointer another part of the stack may be. */
        private static final long MAX_REACH = 1L << 30;

        private final String text;

        End(String text) {
            this.text = text;
        }

        /**
         * Why a walk ends that needs what is not copied.
         *
         * @param at where that is, from the begin of the copy
         */
        public static End beyondCopy(long at) {
            return at > 0 && at < MAX_REACH ? COPY : LOST;
        }

        /** For people; empty for a walk that is whole. */
        public String text() {
            return text;
        }
    }

    /**
     * A file that may be mapped.
     *
     * @param paths bytes of the paths where it may be, best first
     * @param buildId which it is to have; empty: any
     */
    public record CodeFile(List<byte[]> paths, byte[] buildId) {}

    /**
     * Part of a file, mapped.
     *
     * @param file index in the list of files that was sent first
     */
    public record Placed(int file, long start, long fileOffset) {}

    /** Outcome for a mapped file; the reason if it is not used. */
    public record Used(Outcome outcome, String why) {}

    /** A walk, innermost frame first. */
    public record Frames(End end, long[] addresses) {}

    /** @param values those of the mask's bits, in their order */
    record Registers(long mask, long[] values) {}

    private UnwindWire() {}

    /** @param debugPath where separate debug files are, as {@code Dwfl_Callbacks.debuginfo_path} */
    public static void begin(DataOutputStream out, byte[] debugPath, List<CodeFile> files) throws IOException {
        Wire.bytes(out, debugPath);
        out.writeInt(files.size());
        for (CodeFile f : files) {
            out.writeInt(f.paths.size());
            for (byte[] path : f.paths) {
                Wire.bytes(out, path);
            }
            Wire.bytes(out, f.buildId);
        }
        out.flush();
    }

    static List<CodeFile> files(DataInputStream in) throws IOException {
        List<CodeFile> files = new ArrayList<>();
        for (int left = Wire.count(in, Wire.MAX_FILES); left > 0; left--) {
            List<byte[]> paths = new ArrayList<>();
            for (int more = Wire.count(in, Wire.MAX_FILES); more > 0; more--) {
                paths.add(Wire.bytes(in));
            }
            files.add(new CodeFile(paths, Wire.bytes(in)));
        }
        return files;
    }

    /** Sends a set of mapped files under a number; {@link #used} reads the answer for each. */
    public static void space(DataOutputStream out, int number, List<Placed> modules) throws IOException {
        out.writeByte(SPACE);
        out.writeByte(number);
        out.writeInt(modules.size());
        for (Placed m : modules) {
            out.writeInt(m.file);
            out.writeLong(m.start);
            out.writeLong(m.fileOffset);
        }
        out.flush();
    }

    static List<Placed> modules(DataInputStream in) throws IOException {
        List<Placed> modules = new ArrayList<>();
        for (int left = Wire.count(in, MAX_MODULES); left > 0; left--) {
            modules.add(new Placed(Wire.count(in, Wire.MAX_FILES), in.readLong(), in.readLong()));
        }
        return modules;
    }

    static int number(DataInputStream in) throws IOException {
        int number = in.readUnsignedByte();
        if (number >= SPACES) {
            throw new StreamCorruptedException("set " + number);
        }
        return number;
    }

    static void write(DataOutputStream out, Used used) throws IOException {
        out.writeByte(used.outcome.ordinal());
        Wire.text(out, used.why);
        out.flush();
    }

    /** Reads what became of one mapped file. */
    public static Used used(DataInputStream in) throws IOException {
        int outcome = in.readUnsignedByte();
        if (outcome >= Outcome.values().length) {
            throw new StreamCorruptedException("outcome " + outcome);
        }
        return new Used(Outcome.values()[outcome], Wire.text(in));
    }

    /** Requests a walk with the set of that number; {@link #frames} reads the answer. */
    public static void walk(DataOutputStream out, int number, long mask, long[] registers, byte[] stack)
            throws IOException {
        out.writeByte(WALK);
        out.writeByte(number);
        out.writeLong(mask);
        out.writeInt(registers.length);
        for (long r : registers) {
            out.writeLong(r);
        }
        int n = Math.min(stack.length, MAX_STACK_BYTES);
        out.writeInt(n);
        out.write(stack, 0, n);
        out.flush();
    }

    static Registers registers(DataInputStream in) throws IOException {
        long mask = in.readLong();
        long[] values = new long[Wire.count(in, MAX_REGISTERS)];
        if (values.length != Long.bitCount(mask)) {
            throw new StreamCorruptedException(values.length + " registers");
        }
        for (int i = 0; i < values.length; i++) {
            values[i] = in.readLong();
        }
        return new Registers(mask, values);
    }

    static byte[] stack(DataInputStream in) throws IOException {
        return in.readNBytes(Wire.count(in, MAX_STACK_BYTES));
    }

    static void write(DataOutputStream out, Frames frames) throws IOException {
        out.writeByte(frames.end.ordinal());
        out.writeInt(frames.addresses.length);
        for (long a : frames.addresses) {
            out.writeLong(a);
        }
        out.flush();
    }

    /** Asks how to get from a frame to its caller, with what is mapped by that number; {@link #rule} is the answer. */
    public static void rule(DataOutputStream out, int number, long address) throws IOException {
        out.writeByte(RULE);
        out.writeByte(number);
        out.writeLong(address);
        out.flush();
    }

    static void write(DataOutputStream out, CallerRule rule) throws IOException {
        out.writeByte(rule.end() == null ? -1 : rule.end().ordinal());
        out.writeBoolean(rule.isSimple());
        out.writeBoolean(rule.isByFramePointer());
        out.writeLong(rule.frameOffset());
        out.writeLong(rule.returnOffset());
        out.writeLong(rule.savedOffset());
        out.flush();
    }

    /** Reads a rule. */
    public static CallerRule rule(DataInputStream in) throws IOException {
        int end = in.readByte();
        if (end < -1 || end >= End.values().length) {
            throw new StreamCorruptedException("end " + end);
        }
        return new CallerRule(
                end < 0 ? null : End.values()[end],
                in.readBoolean(),
                in.readBoolean(),
                in.readLong(),
                in.readLong(),
                in.readLong());
    }

    /** Reads a walk. */
    public static Frames frames(DataInputStream in) throws IOException {
        int end = in.readUnsignedByte();
        long[] addresses = new long[Wire.count(in, MAX_FRAMES)];
        if (end >= End.values().length) {
            throw new StreamCorruptedException("end " + end);
        }
        for (int i = 0; i < addresses.length; i++) {
            addresses[i] = in.readLong();
        }
        return new Frames(End.values()[end], addresses);
    }
}
