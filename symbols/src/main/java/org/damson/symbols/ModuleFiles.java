package org.damson.symbols;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.damson.model.text.NativeText;

/** Where the file may be that a recording names, best first. */
final class ModuleFiles {
    private static final Pattern BUILD_ID = Pattern.compile("([0-9a-f]{2}){4,64}");
    static final String DELETED = " (deleted)";

    /** @param why there is none, or one was passed over; empty: there is nothing to say */
    record Found(List<Path> files, String why) {}

    private final SymbolOptions options;
    private final Long sinceEpochNs;
    private final ThisMachine machine;
    private final boolean isHere;

    /**
     * @param sinceEpochNs ns since 1970; a file without a build id that was changed later is not taken for the one that ran; null if
     *     unknown
     */
    ModuleFiles(SymbolOptions options, Long sinceEpochNs, ThisMachine machine) {
        this(options, sinceEpochNs, machine, false);
    }

    /** @param isHere whether it is known to be of this machine, whose kernel runs on */
    ModuleFiles(SymbolOptions options, Long sinceEpochNs, ThisMachine machine, boolean isHere) {
        this.isHere = isHere;
        this.options = options;
        this.sinceEpochNs = sinceEpochNs;
        this.machine = machine;
    }

    /** The bytes of a build id; empty if it is none. */
    static byte[] buildId(String text) {
        return BUILD_ID.matcher(text).matches() ? HexFormat.of().parseHex(text) : new byte[0];
    }

    /**
     * Where a file may be.
     *
     * @param others directories below which other processes see their files: what is there is taken by its build id alone
     * @param mapped what processes still have mapped under that name, which is taken in the same way
     */
    Found of(String module, String buildId, List<Path> others, List<Path> mapped) throws IOException {
        List<Path> files = new ArrayList<>();
        String why = "";
        boolean isIdentified = buildId(buildId).length > 0;
        if (module.equals(Code.VDSO)) {
            addCached(files, buildId, "vdso");
            if (isIdentified || isHere) {
                add(files, machine.vdso());
            }
            return new Found(files, isIdentified || isHere ? "" : "its build id is not recorded");
        }
        boolean isDeleted = module.endsWith(DELETED);
        String name = withoutDeleted(module);
        Path path = below(options.root(), name);
        if (path != null && Files.isRegularFile(path)) {
            if (isIdentified || options.root() != null || !isDeleted && isSameAsRecorded(path)) {
                add(files, path);
            } else {
                why = "no build id is recorded, and the file was "
                        + (isDeleted ? "deleted: another file has its name now" : "changed after the recording began");
            }
        }
        if (isIdentified && options.root() == null) {
            others.forEach(root -> add(files, below(root, name)));
            mapped.forEach(file -> add(files, file));
        }
        addCached(files, buildId, "elf");
        return new Found(files, why);
    }

    /** Whether a file without a known build id is unchanged since the recording. */
    private boolean isSameAsRecorded(Path path) throws IOException {
        FileTime changed = (FileTime) Files.getAttribute(path, "unix:ctime");
        return sinceEpochNs == null || changed.to(TimeUnit.NANOSECONDS) <= sinceEpochNs;
    }

    /** The name of a file, whether it was deleted while it was mapped or not. */
    static String withoutDeleted(String name) {
        return name.endsWith(DELETED) ? name.substring(0, name.length() - DELETED.length()) : name;
    }

    private void addCached(List<Path> files, String buildId, String kind) {
        if (options.cache() != null && buildId(buildId).length > 0) {
            Path dir = options.cache()
                    .resolve(".build-id")
                    .resolve(buildId.substring(0, 2))
                    .resolve(buildId.substring(2));
            add(files, dir.resolve(kind));
        }
    }

    private static void add(List<Path> files, Path file) {
        if (file != null && Files.isRegularFile(file)) {
            files.add(file);
        }
    }

    /** A path of the recorded machine below the directory that has its files; null if it can be no file's. */
    private static Path below(Path root, String name) {
        try {
            Path path = NativeText.path(name).normalize();
            return root == null
                    ? path
                    : root.resolve(path.getRoot().relativize(path).toString());
        } catch (InvalidPathException e) {
            return null;
        }
    }

    /** Where libdw is to look for separate debug files: beside the file, below it, and in the usual place. */
    byte[] debugPath() {
        String usual = ":.debug:/usr/lib/debug";
        String root =
                options.root() == null ? "" : options.root().toAbsolutePath().toString();
        String all = root.isEmpty() || root.contains(":") ? usual : root + "/usr/lib/debug" + usual;
        return all.getBytes(StandardCharsets.UTF_8);
    }
}
