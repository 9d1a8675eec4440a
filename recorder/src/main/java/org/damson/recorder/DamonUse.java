package org.damson.recorder;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Who uses DAMON on this machine. Only reads.
 *
 * @param present whether the kernel offers DAMON at all
 * @param holders one short text for each user, as in {@code kdamond 0 (pid 77)} or {@code damon_stat}
 */
record DamonUse(boolean present, List<String> holders) {
    DamonUse {
        holders = List.copyOf(holders);
    }

    /** Looks under a {@code /sys}, which tests replace. */
    static DamonUse look(Path sys) {
        List<String> holders = new ArrayList<>();
        Path kdamonds = sys.resolve("kernel/mm/damon/admin/kdamonds");
        for (Path kdamond : entries(kdamonds)) {
            if (Proc.text(kdamond.resolve("state")).trim().equals("on")) {
                String pid = Proc.text(kdamond.resolve("pid")).trim();
                holders.add("kdamond " + kdamond.getFileName() + (pid.isEmpty() ? "" : " (pid " + pid + ")"));
            }
        }
        boolean modules = false;
        for (Path module : entries(sys.resolve("module"))) {
            String name = module.getFileName().toString();
            if (name.startsWith("damon_")) {
                modules = true;
                if (Proc.text(module.resolve("parameters/enabled")).trim().equals("Y")) {
                    holders.add(name);
                }
            }
        }
        return new DamonUse(modules || Files.isDirectory(kdamonds), holders);
    }

    /** For the manifest. */
    String text() {
        if (holders.isEmpty()) {
            return present ? "not in use" : "not found";
        }
        return "in use by somebody else, left alone: " + String.join(", ", holders);
    }

    private static List<Path> entries(Path dir) {
        List<Path> found = new ArrayList<>();
        try (DirectoryStream<Path> list = Files.newDirectoryStream(dir)) {
            list.forEach(found::add);
        } catch (IOException | DirectoryIteratorException e) {
            return List.of();
        }
        found.sort(null);
        return found;
    }
}
