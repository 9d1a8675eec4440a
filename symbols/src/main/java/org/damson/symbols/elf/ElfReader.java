package org.damson.symbols.elf;

import com.sun.jna.Memory;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.damson.symbols.elf.Wire.Answer;
import org.damson.symbols.elf.Wire.Named;
import org.damson.symbols.elf.Wire.Outcome;
import org.damson.symbols.elf.Wire.Request;

/**
 * The process that reads ELF files: takes requests from standard input, opens their files, gives up all privileges, and only then
 * looks at what is in them. Answers go to standard output, in the order of the requests.
 */
public final class ElfReader {
    private static final String PARTLY =
            "lines of source and inlined functions are known of some places only: more take too long";

    private final Demangler demangler = new Demangler();
    private final Memory callbacks;

    private ElfReader(byte[] debugPath) {
        callbacks = Libdw.callbacks(debugPath);
    }

    public static void main(String[] arguments) throws IOException {
        DataInputStream in = new DataInputStream(new BufferedInputStream(System.in));
        DataOutputStream out = new DataOutputStream(new BufferedOutputStream(System.out));
        byte[] debugPath = Wire.debugPath(in);
        List<Request> requests = Wire.requests(in);
        ElfReader reader;
        try {
            reader = new ElfReader(debugPath);
        } catch (UnsatisfiedLinkError e) {
            System.exit(Wire.NO_LIBRARY);
            return;
        }
        List<int[]> opened = new ArrayList<>();
        for (Request r : requests) {
            opened.add(r.files().stream().mapToInt(Confinement::openFile).toArray());
        }
        reader.loadClasses();
        Confinement.enter();
        for (int i = 0; i < requests.size(); i++) {
            Wire.write(out, reader.answer(requests.get(i), opened.get(i)));
        }
    }

    /** Whoever is nobody may be unable to read them later. libdw itself is a file to be read. */
    private void loadClasses() throws IOException {
        byte[] self = "/proc/self/exe".getBytes(java.nio.charset.StandardCharsets.US_ASCII);
        Request request = new Request(List.of(self), new byte[0], new long[] {0, 1 << 12}, new boolean[] {false, true});
        Answer answer = answer(request, new int[] {Confinement.openFile(self)});
        Wire.write(new DataOutputStream(java.io.OutputStream.nullOutputStream()), answer);
        demangler.name("_ZN4core3fmt9Formatter3pad17h0123456789abcdefE");
        demangler.name("_RNvC1a1b");
    }

    private Answer answer(Request r, int[] descriptors) {
        Outcome worst = Outcome.NO_FILE;
        String why = "";
        Answer read = null;
        for (int f = 0; f < descriptors.length; f++) {
            if (descriptors[f] < 0) {
                continue;
            }
            if (read != null) {
                Confinement.closeFile(descriptors[f]);
                continue;
            }
            try (ElfFile file = ElfFile.open(r.files().get(f), descriptors[f], callbacks, demangler)) {
                if (file == null) {
                    worst = worst == Outcome.OTHER_BUILD_ID ? worst : Outcome.NOT_ELF;
                    why = Libdw.error();
                } else if (!file.isOf(r.buildId())) {
                    worst = Outcome.OTHER_BUILD_ID;
                } else {
                    List<List<Named>> names = file.names(r.places(), r.calls());
                    long[] starts = file.starts(r.places(), r.calls(), names);
                    read = new Answer(Outcome.READ, f, file.isWhole() ? "" : PARTLY, names, starts);
                }
            }
        }
        return read != null ? read : new Answer(worst, -1, why, List.of(), new long[0]);
    }
}
