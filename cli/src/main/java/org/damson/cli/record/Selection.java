package org.damson.cli.record;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import java.util.stream.Stream;
import org.apache.commons.cli.CommandLine;
import org.apache.commons.cli.Option;
import org.damson.cli.command.OptionFile;
import org.damson.cli.command.Shared;
import org.damson.cli.command.UsageException;
import org.damson.model.text.NativeText;

/** Which running processes {@code record} is about, besides those named by number. */
final class Selection {
    static final Option PID_FILE =
            Shared.expert(Shared.value(null, "pid-file", "FILE", "record the process whose PID is in this file"));
    static final Option CGROUP = Shared.value(
            null, "cgroup", "PATH", "record a control group and those below, with DAMON new processes too");
    static final Option NAME =
            Shared.value(null, "name", "REGEX", "record the processes whose name or command line matches");

    static final List<Option> OPTIONS = List.of(PID_FILE, CGROUP, NAME);

    private static final Path CGROUPS = Path.of("/sys/fs/cgroup");

    private Selection() {}

    static boolean isGiven(CommandLine line) {
        return OPTIONS.stream().anyMatch(line::hasOption);
    }

    /** The processes now. */
    static List<Long> pids(CommandLine line, Path proc) throws IOException {
        List<Long> pids = new ArrayList<>();
        if (line.hasOption(PID_FILE)) {
            pids.add(ofFile(NativeText.path(line.getOptionValue(PID_FILE))));
        }
        if (line.hasOption(CGROUP)) {
            Path group = group(line.getOptionValue(CGROUP));
            if (!Files.isReadable(group.resolve("cgroup.procs"))) {
                throw new UsageException("--cgroup: no such control group: " + group);
            }
            pids.addAll(ofGroup(group));
        }
        if (line.hasOption(NAME)) {
            if (line.getOptionValue(NAME).isEmpty()) { // as of a variable that is not set
                throw new UsageException("--name: an empty pattern matches every process");
            }
            try {
                pids.addAll(named(Pattern.compile(line.getOptionValue(NAME)), proc));
            } catch (PatternSyntaxException e) {
                throw new UsageException("--name: " + e.getDescription());
            }
        }
        if (pids.isEmpty() && isGiven(line)) {
            throw new UsageException("no running process is selected");
        }
        return pids.stream().distinct().toList();
    }

    /** Members of the control group, looked up each time it is asked. */
    static Supplier<List<Long>> members(CommandLine line) {
        if (!line.hasOption(CGROUP)) {
            return List::of;
        }
        Path group = group(line.getOptionValue(CGROUP));
        return () -> {
            try {
                return ofGroup(group);
            } catch (IOException gone) {
                return List.of();
            }
        };
    }

    private static Path group(String name) {
        Path path = NativeText.path(name);
        return path.startsWith(CGROUPS) ? path : CGROUPS.resolve(name.replaceFirst("^/+", ""));
    }

    private static long ofFile(Path file) throws IOException {
        String text = OptionFile.text("--pid-file " + file, file).trim();
        if (!text.matches("[1-9]\\d{0,9}")) {
            throw new UsageException("--pid-file: " + file + " contains no process ID");
        }
        return Long.parseLong(text);
    }

    private static List<Long> ofGroup(Path group) throws IOException {
        List<Long> pids = new ArrayList<>();
        long self = ProcessHandle.current().pid();
        try (Stream<Path> below = Files.find(group, 32, (p, a) -> a.isDirectory())) {
            for (Path directory : (Iterable<Path>) below::iterator) {
                try {
                    for (String line : Files.readAllLines(directory.resolve("cgroup.procs"))) {
                        long pid = Long.parseLong(line.trim());
                        if (pid != self) {
                            pids.add(pid);
                        }
                    }
                } catch (IOException | NumberFormatException gone) {
                    continue; // a group may be removed while it is looked at; threaded ones refuse
                }
            }
        } catch (java.io.UncheckedIOException e) {
            throw e.getCause();
        }
        return pids;
    }

    /**
     * This process and those that started it: sudo, a shell, {@code damson-privileged}. The pattern is among their words, and so
     * they would match it always.
     */
    private static Set<Long> starters() {
        Set<Long> pids = new HashSet<>();
        for (Optional<ProcessHandle> p = Optional.of(ProcessHandle.current());
                p.isPresent();
                p = p.get().parent()) {
            pids.add(p.get().pid());
        }
        return pids;
    }

    private static List<Long> named(Pattern pattern, Path proc) throws IOException {
        List<Long> pids = new ArrayList<>();
        Set<Long> starters = starters();
        try (DirectoryStream<Path> all =
                Files.newDirectoryStream(proc, p -> p.getFileName().toString().matches("\\d{1,10}"))) {
            for (Path process : all) {
                long pid = Long.parseLong(process.getFileName().toString());
                try {
                    String name = NativeText.decode(Files.readAllBytes(process.resolve("comm")))
                            .trim();
                    String words = NativeText.decode(Files.readAllBytes(process.resolve("cmdline")))
                            .replace('\0', ' ')
                            .trim();
                    // A kernel thread has no command line, and no memory.
                    if (!starters.contains(pid)
                            && !words.isEmpty()
                            && (pattern.matcher(name).find()
                                    || pattern.matcher(words).find())) {
                        pids.add(pid);
                    }
                } catch (IOException gone) {
                    continue;
                }
            }
        }
        pids.sort(null);
        return pids;
    }
}
