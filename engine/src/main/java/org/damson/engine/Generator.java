package org.damson.engine;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.damson.model.MissingCapabilityException;
import org.damson.recorder.referenced.SelfTest;
import org.damson.trace.files.PrivateDirectory;

/**
 * The native program {@code accessgen}: in the directory that the property {@code damson.native.dir} names, else the one in this
 * jar for this machine, written once into a private directory.
 */
final class Generator {
    private static final String PROPERTY = "damson.native.dir";

    private static Path unpacked;

    private Generator() {}

    static synchronized Path program() throws IOException {
        String said = System.getProperty(PROPERTY);
        if (said != null) {
            Path there = Path.of(said, "accessgen");
            if (!Files.isExecutable(there)) {
                throw new MissingCapabilityException(
                        there + ": no native program there, though -D" + PROPERTY + " says so");
            }
            return there;
        }
        if (unpacked == null) {
            unpacked = unpack();
        }
        return unpacked;
    }

    private static Path unpack() throws IOException {
        String machine = System.getProperty("os.arch");
        try (InputStream in = Generator.class.getResourceAsStream("native/" + machine + "/accessgen")) {
            if (in == null) {
                throw new MissingCapabilityException("no native program accessgen for " + machine
                        + " in damson-engine: build it there and name its directory by -D" + PROPERTY);
            }
            PrivateDirectory directory = PrivateDirectory.create("damson-embedded-");
            Runtime.getRuntime().addShutdownHook(new Thread(() -> remove(directory), "damson-unpacked"));
            Path program = directory.resolve("accessgen");
            Files.copy(in, program);
            if (!program.toFile().setExecutable(true, true)) {
                throw new MissingCapabilityException(
                        program + ": cannot be made executable; -D" + PROPERTY + " names a directory that has it");
            }
            return program;
        }
    }

    private static void remove(PrivateDirectory directory) {
        try {
            directory.close();
        } catch (IOException e) {
            return; // the next process removes it
        }
    }

    /** What clearing referenced bits shows and costs on this machine; measured for half a second. */
    static SelfTest selfTest() throws IOException {
        try {
            return SelfTest.run(program());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted");
        }
    }
}
