package org.damson.symbols.elf;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.StreamCorruptedException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Protocol between damson and the process that reads ELF files. Each side treats the other's messages as hostile: every
 * length and count is checked before anything is made of it.
 */
public final class Wire {
    /** Exit status of the process if libdw is missing. */
    public static final int NO_LIBRARY = 4;

    /** Files that one process opens at most. */
    public static final int MAX_FILES = 256;

    /** Places of one file asked at once. */
    public static final int MAX_PLACES = 1 << 18;

    /** Functions that one place may be in: what is inlined, and what it is inlined in. */
    public static final int MAX_FRAMES = 64;

    /** Bytes of a name; what is longer is cut. */
    public static final int MAX_TEXT = 4096;

    /** Outcome for a module. */
    public enum Outcome {
        /** Places were looked up; not all need to have names. */
        READ,
        /** None of its files is there, or may be read. */
        NO_FILE,
        /** There are files, but none is the one that ran: build ids differ. */
        OTHER_BUILD_ID,
        /** There is a file, which libdw cannot read. */
        NOT_ELF
    }

    /**
     * A module to be looked up.
     *
     * @param files bytes of the paths where it may be, best first
     * @param buildId which it is to have; empty: any
     * @param places offsets in the file
     * @param calls whether a place is where a call returns to: then the call before it is what counts
     */
    public record Request(List<byte[]> files, byte[] buildId, long[] places, boolean[] calls) {}

    /**
     * A function that a place is in.
     *
     * @param function not empty
     * @param offset of the place from its begin; of an inlined function 0
     * @param source {@code file:line}, empty if not known
     * @param isInlined whether its code is inside that of the next
     */
    public record Named(String function, long offset, String source, boolean isInlined) {}

    /**
     * What is known of a module.
     *
     * @param file which of the request's files was read, -1: none
     * @param names of each place: functions from the innermost out; empty if it has no name
     * @param starts of each place without a name: where its function begins in the file; -1 if that is not known
     */
    public record Answer(Outcome outcome, int file, String why, List<List<Named>> names, long[] starts) {}

    private Wire() {}

    /** @param debugPath where separate debug files are, as {@code Dwfl_Callbacks.debuginfo_path} */
    public static void ask(DataOutputStream out, byte[] debugPath, List<Request> requests) throws IOException {
        bytes(out, debugPath);
        out.writeInt(requests.size());
        for (Request r : requests) {
            out.writeInt(r.files.size());
            for (byte[] file : r.files) {
                bytes(out, file);
            }
            bytes(out, r.buildId);
            out.writeInt(r.places.length);
            for (int i = 0; i < r.places.length; i++) {
                out.writeLong(r.places[i]);
                out.writeBoolean(r.calls[i]);
            }
        }
        out.flush();
    }

    static byte[] debugPath(DataInputStream in) throws IOException {
        return bytes(in);
    }

    static List<Request> requests(DataInputStream in) throws IOException {
        int n = count(in, MAX_FILES);
        List<Request> requests = new ArrayList<>();
        for (int r = 0; r < n; r++) {
            List<byte[]> files = new ArrayList<>();
            for (int left = count(in, MAX_FILES); left > 0; left--) {
                files.add(bytes(in));
            }
            byte[] buildId = bytes(in);
            long[] places = new long[count(in, MAX_PLACES)];
            boolean[] calls = new boolean[places.length];
            for (int i = 0; i < places.length; i++) {
                places[i] = in.readLong();
                calls[i] = in.readBoolean();
            }
            requests.add(new Request(files, buildId, places, calls));
        }
        return requests;
    }

    static void write(DataOutputStream out, Answer a) throws IOException {
        out.writeByte(a.outcome.ordinal());
        out.writeInt(a.file);
        text(out, a.why);
        out.writeInt(a.names.size());
        for (int i = 0; i < a.starts.length; i++) {
            List<Named> frames = a.names.get(i);
            out.writeLong(a.starts[i]);
            int n = Math.min(frames.size(), MAX_FRAMES);
            out.writeByte(n);
            for (Named f : frames.subList(0, n)) {
                text(out, f.function);
                out.writeLong(f.offset);
                text(out, f.source);
                out.writeBoolean(f.isInlined);
            }
        }
        out.flush();
    }

    /**
     * Reads an answer.
     *
     * @param asked what it is the answer to
     * @throws IOException if the other side has ended
     * @throws StreamCorruptedException if the answer is malformed
     */
    public static Answer answer(DataInputStream in, Request asked) throws IOException {
        int outcome = in.readUnsignedByte();
        int file = in.readInt();
        String why = text(in);
        int places = in.readInt();
        if (outcome >= Outcome.values().length
                || file < -1
                || file >= asked.files.size()
                || places != 0 && places != asked.places.length) {
            throw new StreamCorruptedException("an answer to another question");
        }
        List<List<Named>> names = new ArrayList<>();
        long[] starts = new long[places];
        for (int i = 0; i < places; i++) {
            starts[i] = in.readLong();
            int n = in.readUnsignedByte();
            if (n > MAX_FRAMES) {
                throw new StreamCorruptedException("too many functions of one place");
            }
            List<Named> frames = new ArrayList<>(n);
            for (int f = 0; f < n; f++) {
                frames.add(new Named(text(in), in.readLong(), text(in), in.readBoolean()));
            }
            names.add(frames);
        }
        return new Answer(Outcome.values()[outcome], file, why, names, starts);
    }

    static void bytes(DataOutputStream out, byte[] bytes) throws IOException {
        out.writeInt(bytes.length);
        out.write(bytes);
    }

    static byte[] bytes(DataInputStream in) throws IOException {
        return in.readNBytes(count(in, MAX_TEXT));
    }

    static void text(DataOutputStream out, String text) throws IOException {
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        int n = Math.min(utf8.length, MAX_TEXT);
        out.writeInt(n);
        out.write(utf8, 0, n);
    }

    static String text(DataInputStream in) throws IOException {
        return new String(bytes(in), StandardCharsets.UTF_8);
    }

    static int count(DataInputStream in, int most) throws IOException {
        int n = in.readInt();
        if (n < 0 || n > most) {
            throw new StreamCorruptedException(n + " where at most " + most + " may be");
        }
        return n;
    }
}
