package org.damson.trace;

import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Stream;

/** Gives every file of some directories to a fuzz target: {@code FuzzReplay CLASS DIRECTORY...}; to measure coverage by. */
public final class FuzzReplay {
    private FuzzReplay() {}

    public static void main(String[] args) throws Exception {
        Method target = Class.forName(args[0]).getMethod("fuzzerTestOneInput", byte[].class);
        for (String dir : Arrays.asList(args).subList(1, args.length)) {
            try (Stream<Path> files = Files.list(Path.of(dir))) {
                for (Path file : files.sorted().toList()) {
                    target.invoke(null, (Object) Files.readAllBytes(file));
                }
            }
        }
    }
}
