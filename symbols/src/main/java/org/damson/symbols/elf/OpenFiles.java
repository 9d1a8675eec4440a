package org.damson.symbols.elf;

import com.sun.jna.Memory;
import java.util.List;
import org.damson.symbols.elf.UnwindWire.CodeFile;
import org.damson.symbols.elf.UnwindWire.Used;
import org.damson.symbols.elf.Wire.Outcome;

/** The files that stacks may be walked with: opened at first, and looked at when they are needed. */
final class OpenFiles {
    /** @param used {@link Outcome#READ}: the rest is that of the file */
    record Chosen(Used used, byte[] path, int descriptor, long[][] segments, boolean isFixed) {
        private Chosen(Used used) {
            this(used, null, -1, null, false);
        }
    }

    private final List<CodeFile> files;
    private final int[][] descriptors;
    private final Chosen[] chosen;
    private final Memory callbacks;

    OpenFiles(List<CodeFile> files, Memory callbacks) {
        this.files = files;
        this.callbacks = callbacks;
        chosen = new Chosen[files.size()];
        descriptors = files.stream()
                .map(f -> f.paths().stream().mapToInt(Confinement::openFile).toArray())
                .toArray(int[][]::new);
    }

    /** The first of those that a file may be that is the right one. */
    Chosen at(int file) {
        if (file >= chosen.length) {
            return new Chosen(new Used(Outcome.NO_FILE, ""));
        }
        if (chosen[file] == null) {
            chosen[file] = choose(files.get(file), descriptors[file]);
        }
        return chosen[file];
    }

    private Chosen choose(CodeFile wanted, int[] opened) {
        Used worst = new Used(Outcome.NO_FILE, "");
        for (int i = 0; i < opened.length; i++) {
            int copy = opened[i] < 0 ? -1 : Confinement.duplicate(opened[i]);
            if (copy < 0) {
                continue;
            }
            byte[] path = wanted.paths().get(i);
            try (ElfFile elf = ElfFile.open(path, copy, callbacks, null)) {
                if (elf == null) {
                    worst = worst.outcome() == Outcome.OTHER_BUILD_ID
                            ? worst
                            : new Used(Outcome.NOT_ELF, Libdw.error());
                } else if (!elf.isOf(wanted.buildId())) {
                    worst = new Used(Outcome.OTHER_BUILD_ID, "");
                } else if (!elf.isForX86()) {
                    worst = new Used(Outcome.NOT_ELF, "not of 64-bit x86");
                } else {
                    return new Chosen(new Used(Outcome.READ, ""), path, opened[i], elf.segments(), elf.isFixed());
                }
            }
        }
        return new Chosen(worst);
    }
}
