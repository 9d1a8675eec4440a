package org.damson.cli.record;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.damson.cli.command.Version;
import org.damson.damon.scheme.ShellWords;
import org.damson.recorder.damon.Doctor.Ability;

/** What other packages add to damson: whether they are here. */
final class Additions {
    private static final List<String> LIBRARIES = List.of("usr/lib", "usr/lib64", "lib", "lib64");

    private Additions() {}

    /** @param root where the machine's files are */
    static List<Ability> of(Path root) {
        boolean dw = LIBRARIES.stream().anyMatch(place -> has(root.resolve(place), "libdw.so.1"));
        boolean sql = hasClass("org.duckdb.DuckDBDriver");
        return List.of(
                new Ability(
                        "symbolize",
                        dw,
                        dw ? "elfutils' libdw reads ELF files" : "elfutils' libdw.so.1 is not installed",
                        dw ? "" : "sudo apt-get install libdw1"),
                new Ability(
                        "sql",
                        sql,
                        sql ? "DuckDB is here" : "DuckDB is not part of this installation",
                        sql ? "" : unpacked(System.getProperty("damson.native.dir"))));
    }

    /**
     * The line that adds DuckDB to the kind of installation that this is.
     *
     * @param programs where the native programs lie; null: not known
     */
    static String unpacked(String programs) {
        String machine = "aarch64".equals(System.getProperty("os.arch")) ? "arm64" : "amd64";
        Path home = programs == null ? null : Path.of(programs).toAbsolutePath().getParent();
        // Only the archive has a Java of its own.
        return home != null && Files.exists(home.resolve("runtime"))
                ? "tar -xzf damson-sql-" + Version.text() + "-linux-" + machine + ".tar.gz --strip-components=1 -C "
                        + ShellWords.quoted(home.toString())
                : "sudo apt-get install ./damson-sql_" + Version.text() + "_" + machine + ".deb";
    }

    /** In the directory, or in one of an architecture below it. */
    private static boolean has(Path directory, String library) {
        if (Files.exists(directory.resolve(library))) {
            return true;
        }
        if (!Files.isDirectory(directory)) {
            return false;
        }
        try (DirectoryStream<Path> all = Files.newDirectoryStream(directory, "*-linux-gnu*")) {
            for (Path one : all) {
                if (Files.exists(one.resolve(library))) {
                    return true;
                }
            }
        } catch (IOException e) {
            return false; // one that may not be listed is not searched by the loader's user either
        }
        return false;
    }

    private static boolean hasClass(String name) {
        try {
            Class.forName(name, false, Additions.class.getClassLoader());
            return true;
        } catch (ClassNotFoundException e) {
            return false;
        }
    }
}
