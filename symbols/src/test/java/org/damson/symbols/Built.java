package org.damson.symbols;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Programs that are compiled on the spot, and what binutils say about them. */
final class Built {
    static final String BUILD_ID = "00112233445566778899aabbccddeeff00112233";

    private Built() {}

    static Path compile(Path dir, String name, String source, String... options) throws Exception {
        Path c = Files.writeString(dir.resolve(name + ".c"), source);
        Path out = dir.resolve(name);
        List<String> command = new ArrayList<>(List.of("gcc", "-Wl,--build-id=0x" + BUILD_ID));
        command.addAll(List.of(options));
        command.addAll(List.of("-o", out.toString(), c.toString()));
        run(command.toArray(String[]::new));
        return out;
    }

    static String run(String... command) throws Exception {
        Process p = new ProcessBuilder(command).redirectErrorStream(true).start();
        p.getOutputStream().close();
        String said = new String(p.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, p.waitFor(), String.join(" ", command) + ": " + said);
        return said;
    }

    /** Functions by their addresses, with their sizes: {@code {address, size}}. */
    static Map<String, long[]> functions(Path elf) throws Exception {
        Map<String, long[]> found = new TreeMap<>();
        for (String line : run("nm", "-S", "--defined-only", elf.toString()).split("\n")) {
            String[] f = line.split(" ");
            if (f.length == 4 && "tT".contains(f[2])) {
                found.put(f[3], new long[] {Long.parseLong(f[0], 16), Long.parseLong(f[1], 16)});
            }
        }
        return found;
    }

    static byte[] bytes(String hex) {
        return HexFormat.of().parseHex(hex);
    }

    static void write(Path file, byte[] bytes) throws IOException {
        Files.createDirectories(file.getParent());
        Files.write(file, bytes);
    }
}
