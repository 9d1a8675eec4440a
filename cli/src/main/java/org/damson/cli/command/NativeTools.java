package org.damson.cli.command;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Finds the native programs that come with damson. */
public final class NativeTools {
    private NativeTools() {}

    /** The {@code accessgen} executable: where {@code damson.native.dir} says, or beside the jar, or in the source tree. */
    public static Path accessgen() throws IOException {
        String said = System.getProperty("damson.native.dir");
        if (said != null) {
            return existing(Path.of(said, "accessgen"));
        }
        try {
            Path home = Path.of(NativeTools.class
                            .getProtectionDomain()
                            .getCodeSource()
                            .getLocation()
                            .toURI())
                    .toAbsolutePath()
                    .getParent();
            // installed; built, run from cli/target/damson.jar or cli/target/classes
            for (String place : List.of("native", "../native", "../../native/build")) {
                Path candidate = home.resolve(place).resolve("accessgen").normalize();
                if (Files.isExecutable(candidate)) {
                    return candidate;
                }
            }
        } catch (URISyntaxException e) {
            throw new IOException("cannot determine where damson is installed", e);
        }
        throw missing("beside damson");
    }

    private static Path existing(Path path) {
        if (!Files.isExecutable(path)) {
            throw missing("at " + path);
        }
        return path;
    }

    private static CommandFailedException missing(String where) {
        return new CommandFailedException(
                ExitCode.CAPABILITY, "the native program accessgen is not " + where + "; mvn package builds it");
    }
}
