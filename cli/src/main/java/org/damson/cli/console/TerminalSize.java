package org.damson.cli.console;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** Columns and rows of the terminal that the command runs on. */
public record TerminalSize(int columns, int rows) {
    /** Asked anew for every screen since it may change; 100 by 24 if it does not say. */
    public static TerminalSize now() throws InterruptedException {
        try {
            Process stty = new ProcessBuilder("stty", "size")
                    .redirectInput(Path.of("/dev/tty").toFile())
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            String[] words = new String(stty.getInputStream().readAllBytes(), StandardCharsets.US_ASCII)
                    .trim()
                    .split(" ");
            stty.waitFor();
            int columns = Integer.parseInt(words[1]);
            int rows = Integer.parseInt(words[0]);
            return columns > 0 && rows > 1 ? new TerminalSize(columns, rows) : new TerminalSize(100, 24);
        } catch (IOException | RuntimeException e) {
            return new TerminalSize(100, 24);
        }
    }
}
