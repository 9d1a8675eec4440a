package org.damson.cli.replay;

import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.zip.CRC32;
import java.util.zip.CheckedInputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;
import org.damson.model.InvalidInputException;
import org.damson.model.MissingCapabilityException;
import org.damson.model.TraceFormatException;
import org.damson.replayer.PlanOutline;
import org.damson.trace.WritingStream;
import org.damson.trace.files.SafeFiles;
import org.damson.trace.files.ZipDigest;

/** A capsule as a file: a zip of a plan and of the statistics that its replay is to reach, with a digest of it all. */
final class CapsuleFile {
    private static final String PLAN = "plan";
    private static final String STATISTICS = "statistics";

    private static final List<String> NAMES = List.of(PLAN, STATISTICS);

    static final long MAX_PLAN_BYTES = 1L << 28;
    /** More than a plan and statistics take of those sizes, packed or not. */
    private static final long MAX_FILE_BYTES = MAX_PLAN_BYTES + (8 << 20);

    private static final int MAX_STATISTICS_BYTES = 4 << 20;

    /** Many times what a zip says of two files; all of it is read before the first one. */
    private static final int MAX_DIRECTORY_BYTES = 1 << 16;

    /** A local header of a zip, up to its name. */
    private static final int HEADER_BYTES = 30;

    /** Of every file in it, so that the same capsule gives the same bytes: 1 January 1980, as zips count from. */
    private static final long TIME_MS = 315_532_800_000L;

    private CapsuleFile() {}

    /** Whether a file begins as a capsule does; what cannot be read does not. */
    static boolean is(Path file) {
        if (!Files.isRegularFile(file)) {
            return false;
        }
        try (InputStream in = Files.newInputStream(file)) {
            byte[] head = in.readNBytes(HEADER_BYTES + PLAN.length());
            return head.length == HEADER_BYTES + PLAN.length()
                    && head[0] == 'P'
                    && head[1] == 'K'
                    && head[26] == PLAN.length()
                    && Arrays.equals(
                            PLAN.getBytes(StandardCharsets.US_ASCII), Arrays.copyOfRange(head, 30, head.length));
        } catch (IOException e) {
            return false; // whoever opens it for good says why
        }
    }

    /** Writes a new file. */
    static void write(Path file, Path plan, Capsule capsule) throws IOException {
        try (OutputStream out = new BufferedOutputStream(
                        new WritingStream(file, Channels.newOutputStream(SafeFiles.create(file))));
                ZipOutputStream zip = new ZipOutputStream(out)) {
            zip.setComment(ZipDigest.placeholder());
            put(zip, PLAN);
            Files.copy(plan, zip);
            zip.closeEntry();
            put(zip, STATISTICS);
            zip.write(CapsuleText.of(capsule).getBytes(StandardCharsets.US_ASCII));
            zip.closeEntry();
        }
        try {
            ZipDigest.put(file);
        } catch (IOException e) {
            throw MissingCapabilityException.whileWriting(file, e);
        }
    }

    private static void put(ZipOutputStream zip, String name) throws IOException {
        ZipEntry entry = new ZipEntry(name);
        entry.setTime(TIME_MS);
        zip.putNextEntry(entry);
    }

    /**
     * Reads a capsule.
     *
     * @param plan where its plan is put
     * @throws TraceFormatException if it is damaged, no capsule, or its plan and statistics contradict one another
     */
    static Capsule read(Path file, Path accessgen, Path plan) throws IOException {
        String problem = ZipDigest.problem(file);
        if (!problem.isEmpty()) {
            throw bad(file, "", problem);
        }
        if (Files.size(file) > MAX_FILE_BYTES) {
            throw bad(file, "", "more than " + MAX_FILE_BYTES + " bytes");
        }
        if (ZipDigest.directoryBytes(file) > MAX_DIRECTORY_BYTES) {
            throw bad(file, "", "contains more than a plan and its statistics");
        }
        String text;
        // By its directory, as every other program reads a zip: what is played is what somebody finds in it.
        try (ZipFile zip = new ZipFile(file.toFile(), StandardCharsets.UTF_8)) {
            List<? extends ZipEntry> entries =
                    zip.stream().limit(NAMES.size() + 1).toList();
            for (int i = 0; i < NAMES.size(); i++) {
                if (i >= entries.size() || !entries.get(i).getName().equals(NAMES.get(i))) {
                    throw bad(file, "", "not a capsule: missing '" + NAMES.get(i) + "' where it is expected");
                }
            }
            if (entries.size() > NAMES.size()) {
                throw bad(file, "", "contains more than a plan and its statistics");
            }
            try (OutputStream out = Channels.newOutputStream(SafeFiles.create(plan))) {
                copy(file, zip, entries.get(0), MAX_PLAN_BYTES, out);
            }
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            copy(file, zip, entries.get(1), MAX_STATISTICS_BYTES, bytes);
            text = bytes.toString(StandardCharsets.ISO_8859_1);
        } catch (ZipException | java.io.EOFException | IllegalArgumentException e) {
            throw new TraceFormatException(file.toString(), "", "damaged zip", e);
        }
        Capsule capsule;
        try {
            capsule = CapsuleText.parse(text);
        } catch (InvalidInputException e) {
            throw new TraceFormatException(file.toString(), STATISTICS, e.getMessage(), e);
        }
        requireAgreement(file, capsule, outline(file, accessgen, plan));
        return capsule;
    }

    private static PlanOutline outline(Path file, Path accessgen, Path plan) throws IOException {
        if (!PlanFile.is(plan)) {
            throw bad(file, PLAN, "a plan begins with the line 'damson-plan 1'");
        }
        try {
            return PlanOutline.read(accessgen, plan);
        } catch (IOException e) {
            String said = String.valueOf(e.getMessage());
            // The plan lies where nobody would find it any more.
            throw bad(file, PLAN, said.replace("accessgen: ", "").replace(plan.toAbsolutePath() + ":", "line "));
        }
    }

    private static void requireAgreement(Path file, Capsule c, PlanOutline plan) throws IOException {
        // Of what no process accesses any more at the end there is nothing in a plan.
        if (plan.durationNs() > c.durationNs()) {
            throw bad(
                    file,
                    PLAN,
                    "takes " + plan.durationNs() + " ns, but by the statistics " + c.durationNs() + " ns at most");
        }
        for (ReplayPlace p : c.places()) {
            if (p.process() >= plan.processes()) {
                throw bad(file, STATISTICS, "a place in process " + p.process() + " of " + plan.processes());
            }
            if (!plan.maps(p.process(), p.start(), p.end())) {
                throw bad(
                        file,
                        STATISTICS,
                        "a place at 0x" + Long.toHexString(p.start()) + " which the plan does not map");
            }
        }
    }

    /** Copies one file of the zip; what the directory says of it has to be true, by which other programs may go. */
    private static void copy(Path file, ZipFile zip, ZipEntry entry, long most, OutputStream out) throws IOException {
        byte[] buffer = new byte[1 << 16];
        long size = 0;
        try (CheckedInputStream in = new CheckedInputStream(zip.getInputStream(entry), new CRC32())) {
            for (int n; (n = in.read(buffer)) >= 0; ) {
                size += n;
                if (size > most) {
                    throw bad(file, entry.getName(), "more than " + most + " bytes");
                }
                out.write(buffer, 0, n);
            }
            if (size != entry.getSize()
                    || in.getChecksum().getValue() != entry.getCrc()
                    || entry.getCompressedSize() > Files.size(file)) {
                throw bad(file, "", "damaged zip");
            }
        }
    }

    private static TraceFormatException bad(Path file, String place, String rule) {
        return new TraceFormatException(file.toString(), place, rule);
    }
}
