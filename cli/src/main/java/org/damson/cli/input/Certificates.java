package org.damson.cli.input;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import org.damson.analyzer.certificate.AccuracySummary;
import org.damson.cli.console.Console;
import org.damson.model.Manifest;
import org.damson.model.ManifestKey;
import org.damson.model.TraceSource;
import org.damson.trace.files.Leftovers;
import org.damson.trace.files.SafeFiles;
import org.damson.trace.files.Sha256;

/**
 * Certificates of this user, in {@code $XDG_STATE_HOME/damson/certificates} (by default below {@code ~/.local/state}): one
 * file per host, kernel, source, intervals, budget and flush, of {@code key=value} lines.
 */
public final class Certificates {
    private static final long MAX_BYTES = 1 << 16;

    private Certificates() {}

    /** Adds what is certified of such recordings to one that begins. */
    public static void addTo(Manifest manifest) {
        Path file = file(manifest);
        try {
            if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS) || Files.size(file) > MAX_BYTES) {
                return;
            }
            Properties stored = new Properties();
            try (InputStream in = Files.newInputStream(file, LinkOption.NOFOLLOW_LINKS)) {
                stored.load(in);
            }
            Map<String, Number> facts = new HashMap<>();
            for (ManifestKey key : AccuracySummary.KEYS) {
                if (stored.getProperty(key.path()) != null) {
                    facts.put(key.path(), Double.valueOf(stored.getProperty(key.path())));
                }
            }
            AccuracySummary summary = AccuracySummary.from(facts);
            if (summary != null) {
                manifest.recording.putAll(summary.facts());
            }
        } catch (IOException | IllegalArgumentException e) {
            // A recording is worth more than its certificate, which certify writes anew.
            System.getLogger("damson").log(System.Logger.Level.DEBUG, "certificate " + file, e);
        }
    }

    /** Stores what was found of recordings like this one, for those to come. */
    public static Path store(Manifest like, AccuracySummary summary) throws IOException {
        Path file = file(like);
        Files.createDirectories(
                file.getParent(), PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        Properties stored = new Properties();
        stored.setProperty("about", key(like));
        summary.facts().forEach((k, v) -> stored.setProperty(k, v.toString()));
        Path part = Leftovers.newPart(file);
        try {
            try (OutputStream out = Channels.newOutputStream(SafeFiles.create(part))) {
                stored.store(out, "damson certify");
            }
            Files.move(part, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(part);
        }
        return file;
    }

    /** Says with a report how accurate recordings like this one were found to be. */
    static void note(TraceSource trace, Path path, Console console) {
        String line = line(trace);
        if (line != null) {
            console.noteOnce(path + ": " + line);
        }
    }

    /** Measured accuracy of recordings like this one; null if it was not measured. */
    static String line(TraceSource trace) {
        AccuracySummary summary = AccuracySummary.from(trace.manifest().recording);
        return summary == null ? null : "accuracy of such recordings where it was made (certify): " + summary.line();
    }

    private static Path file(Manifest m) {
        String state = System.getenv("XDG_STATE_HOME");
        Path base = state != null && state.startsWith("/")
                ? Path.of(state)
                : Path.of(System.getProperty("user.home"), ".local", "state");
        return base.resolve("damson")
                .resolve("certificates")
                .resolve(HexFormat.of().formatHex(Sha256.of(key(m)), 0, 16));
    }

    /** What a certificate is about. */
    private static String key(Manifest m) {
        return String.join(
                " ",
                "host " + ManifestKey.HOST_NAME.get(m),
                "kernel " + ManifestKey.KERNEL.get(m),
                "source " + m.source,
                "sample_us " + m.attrs.sampleUs(),
                "aggr_us " + m.attrs.aggrUs(),
                "max_slowdown " + Objects.requireNonNullElse(ManifestKey.MAX_SLOWDOWN.get(m), "none"),
                "tlb_flush " + Objects.requireNonNullElse(ManifestKey.TLB_FLUSH.get(m), "none"));
    }
}
