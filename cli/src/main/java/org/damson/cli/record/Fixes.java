package org.damson.cli.record;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.damson.recorder.damon.Doctor.Ability;

/** Lines for a shell that would enable what does not work here; damson runs none of them. */
final class Fixes {
    private static final Path BOOT = Path.of("etc/default/grub");

    /** Debian's release whose kernel has no DAMON, and whose backports have one that does. */
    private static final String BACKPORTED = "bookworm";

    /** Those before it, which nothing newer is made for any more. */
    private static final List<String> OLDER = List.of("jessie", "stretch", "buster", "bullseye");

    private static final Pattern FLAVOUR = Pattern.compile("-((?:cloud-|rt-)?(?:amd64|arm64)(?:-16k)?)$");

    private final Path root;

    private Fixes(Path root) {
        this.root = root;
    }

    /**
     * The lines, each group after a comment that says what for; empty if all works.
     *
     * @param root where the machine's files are
     */
    static List<String> of(List<Ability> abilities, Path root) {
        Fixes fixes = new Fixes(root);
        Map<List<String>, List<String>> comments = new LinkedHashMap<>();
        for (Ability a : abilities) {
            if (!a.works()) {
                boolean needsKernel = !a.isCommand() && !a.fix().isEmpty();
                comments.computeIfAbsent(fixes.lines(a), lines -> new ArrayList<>())
                        .add("# " + a.name() + ": " + a.why() + (needsKernel ? "; needed: " + a.fix() : ""));
            }
        }
        List<String> all = new ArrayList<>();
        comments.forEach((lines, why) -> {
            all.addAll(why);
            all.addAll(lines);
        });
        return all;
    }

    private List<String> lines(Ability a) {
        if (a.fix().isEmpty()) {
            return List.of("# nothing enables it here");
        }
        if (a.isCommand()) {
            return List.of(complete(a.fix()));
        }
        if (a.fix().contains("psi=1") && Files.exists(root.resolve(BOOT))) {
            return List.of(
                    "sudo sed -i 's/^GRUB_CMDLINE_LINUX=\"/&psi=1 /' /" + BOOT + " && sudo update-grub && sudo reboot");
        }
        return a.fix().startsWith("a kernel") ? kernel() : List.of();
    }

    /** What {@code doctor} names by its options alone, with an output and something to record. */
    private static String complete(String fix) {
        if (!fix.contains("damson record")) {
            return fix;
        }
        boolean needsCommand = !fix.contains("--attach") && !fix.contains("--paddr");
        return fix + " -o run.damson" + (needsCommand ? " -- COMMAND" : "");
    }

    /** The distribution's kernel that has all that damson uses. */
    private List<String> kernel() {
        Map<String, String> system = system();
        if (!"debian".equals(system.get("ID"))) {
            return List.of("# (Debian's kernels have it from Debian 13 on)");
        }
        String release = system.getOrDefault("VERSION_CODENAME", "");
        String image = "linux-image-" + flavour();
        if (OLDER.contains(release)) {
            return List.of("# (Debian's kernels have it from Debian 13 on, and those of bookworm-backports; none of "
                    + release + ")");
        }
        if (!BACKPORTED.equals(release)) {
            return List.of("sudo apt-get install " + image + " && sudo reboot");
        }
        String backports = release + "-backports";
        return List.of(
                "echo 'deb http://deb.debian.org/debian " + backports
                        + " main' | sudo tee /etc/apt/sources.list.d/backports.list",
                "sudo apt-get update && sudo apt-get install -t " + backports + " " + image + " && sudo reboot");
    }

    /** Of the kernel that runs, where its name tells, so that a page stays as large as it is. */
    private String flavour() {
        String machine = "aarch64".equals(System.getProperty("os.arch")) ? "arm64" : "amd64";
        try {
            Matcher m = FLAVOUR.matcher(
                    Files.readString(root.resolve("proc/sys/kernel/osrelease")).trim());
            return m.find() ? m.group(1) : machine;
        } catch (IOException e) {
            return machine;
        }
    }

    private Map<String, String> system() {
        Map<String, String> values = new LinkedHashMap<>();
        try {
            for (String line : Files.readAllLines(root.resolve("etc/os-release"))) {
                int equals = line.indexOf('=');
                if (equals > 0) {
                    values.put(
                            line.substring(0, equals),
                            line.substring(equals + 1).replace("\"", ""));
                }
            }
        } catch (IOException | java.io.UncheckedIOException e) {
            return Map.of(); // a system that does not say what it is
        }
        return values;
    }
}
