package org.damson.cli.trace;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.List;
import org.apache.commons.cli.CommandLine;
import org.apache.commons.cli.Option;
import org.apache.commons.cli.Options;
import org.damson.cli.command.Command;
import org.damson.cli.command.ExitCode;
import org.damson.cli.command.OptionFile;
import org.damson.cli.command.Outputs;
import org.damson.cli.command.Shared;
import org.damson.cli.command.Unfinished;
import org.damson.cli.command.UsageException;
import org.damson.cli.command.Version;
import org.damson.cli.command.WorkDirectory;
import org.damson.cli.console.Console;
import org.damson.cli.input.Inputs;
import org.damson.cli.input.TraceFiles;
import org.damson.cli.input.TraceSeriesInput;
import org.damson.model.Manifest;
import org.damson.model.ManifestKey;
import org.damson.model.TraceQuery;
import org.damson.model.TraceSource;
import org.damson.model.text.NativeText;
import org.damson.trace.Traces;
import org.damson.trace.files.Leftovers;
import org.damson.trace.files.SafeFiles;
import org.damson.trace.redact.Redactor;

/** {@code damson bundle TRACE -o FILE.damson.zip}: one file to send, if wanted without anything private. */
public final class BundleCommand implements Command {
    private static final Option OUTPUT = Shared.output("FILE.damson.zip", "output file (required)");
    private static final Option REDACT = Shared.optionalValue(
            "redact",
            "strict",
            "replace names, paths, command lines and hosts by pseudonyms, and rebase addresses and times; with"
                    + " --redact=strict also round sizes up by at most a quarter, start counters at 0, and leave out file"
                    + " names, rare mappings and rare functions: sizes in reports are then up to a quarter too high, reports of"
                    + " files and code places lose detail, and simulations know only the kernel's series");
    private static final Option KEY = Shared.value(
            null,
            "key",
            "FILE",
            "file with the secret for the pseudonyms, 16 bytes or more (default: a random one that is not kept)");
    private static final String STRICT = "strict";
    private static final int MIN_KEY_BYTES = 16;
    private static final int MAX_KEY_BYTES = 4096;

    @Override
    public String name() {
        return "bundle";
    }

    @Override
    public boolean hasJson() {
        return false;
    }

    @Override
    public boolean carriesLosses() {
        return true;
    }

    @Override
    public String summary() {
        return "pack a trace into one file that every command reads; --redact makes it safe to share";
    }

    @Override
    public String usage() {
        return "TRACE -o FILE.damson.zip [--redact[=strict] [--key FILE]]";
    }

    @Override
    public String example() {
        return "damson bundle run.damson --redact -o report.damson.zip";
    }

    @Override
    public Options options() {
        return Shared.of(OUTPUT, REDACT, KEY, Shared.OWNER);
    }

    @Override
    public int run(CommandLine line, Console console) throws Exception {
        Path input = Shared.trace(line);
        Path output = Outputs.newFile(line, Shared.required(line, OUTPUT));
        if (line.hasOption(KEY) && !line.hasOption(REDACT)) {
            throw new UsageException("--key requires --redact");
        }
        String owner = Shared.owner(line, console);
        boolean isStrict = isStrict(line);
        byte[] key = line.hasOption(REDACT) ? key(line) : null;
        if (!Files.exists(output, LinkOption.NOFOLLOW_LINKS)) {
            bundle(input, output, key, isStrict, owner, console);
        } else {
            // What is there stays until the new one is whole.
            try (WorkDirectory work = WorkDirectory.beside(output, "replace")) {
                Path fresh = work.resolve("bundle.zip");
                bundle(input, fresh, key, isStrict, owner, console);
                SafeFiles.publish(fresh, output);
            }
        }
        TraceFiles.announce(output, console);
        return ExitCode.OK;
    }

    private static void bundle(Path input, Path output, byte[] key, boolean isStrict, String owner, Console console)
            throws IOException {
        Path part = Leftovers.partOf(output);
        Unfinished.add(part);
        if (key == null && !Inputs.isForeign(input) && !TraceSeriesInput.isSeries(input)) {
            Traces.bundle(input, output, owner);
        } else {
            try (TraceSource trace = Inputs.open(input, console)) {
                tellWhatIsLeft(bundleCopy(trace, key, isStrict, output, owner), console);
            }
        }
        Unfinished.remove(part);
    }

    private static boolean isStrict(CommandLine line) {
        String how = line.getOptionValue(REDACT);
        if (how != null && !how.equals(STRICT)) {
            throw new UsageException("--redact=" + how + ": expected --redact or --redact=" + STRICT);
        }
        return how != null;
    }

    private static void tellWhatIsLeft(Manifest bundled, Console console) {
        List<?> left = ManifestKey.STILL_TELLING.list(bundled);
        if (!left.isEmpty()) {
            console.note("what could still identify (info lists it too):");
            left.forEach(line -> console.note("  " + line));
        }
    }

    private static byte[] key(CommandLine line) throws IOException {
        if (!line.hasOption(KEY)) {
            // Forgotten when this ends: nobody, the sender included, can turn pseudonyms back.
            byte[] key = new byte[32];
            new SecureRandom().nextBytes(key);
            return key;
        }
        String name = line.getOptionValue(KEY);
        try (InputStream in = Files.newInputStream(OptionFile.noDirectory("--key " + name, NativeText.path(name)))) {
            byte[] key = in.readNBytes(MAX_KEY_BYTES);
            if (key.length < MIN_KEY_BYTES) {
                throw new UsageException(name + " holds " + key.length + " bytes; a key has " + MIN_KEY_BYTES
                        + " or more, as in: head -c 32 /dev/urandom > " + name);
            }
            return key;
        }
    }

    /** Bundles a copy of a trace; redacts it with {@code key} unless that is null. Returns what the copy's manifest says. */
    private static Manifest bundleCopy(TraceSource trace, byte[] key, boolean isStrict, Path output, String owner)
            throws IOException {
        try (WorkDirectory work = WorkDirectory.beside(output, "bundle")) {
            Path copy = work.resolve("copy.damson");
            Manifest manifest;
            if (key == null) {
                manifest = TraceFiles.derived(trace, "bundle");
                TraceFiles.create(copy, manifest, sink -> Traces.copy(trace, TraceQuery.ALL, sink));
            } else {
                // The redactor fills the manifest from its list; nothing else is carried over.
                manifest = new Manifest();
                manifest.toolVersion = Version.text();
                TraceFiles.create(copy, manifest, sink -> Redactor.redact(trace, sink, key, isStrict));
            }
            Traces.bundle(copy, output, owner);
            return manifest;
        }
    }
}
