package org.damson.fleet;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import org.damson.cli.Cli;
import org.damson.cli.console.Console;

/** A command of damson within this process. */
record Damson(int exit, String out, String err) {
    static Damson run(Object... words) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        Console console = new Console(out, err, InputStream.nullInputStream(), Map.of(), false, false);
        int exit = Cli.run(Arrays.stream(words).map(String::valueOf).toArray(String[]::new), console);
        return new Damson(exit, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
    }

    Damson expect(int wanted) {
        assertEquals(wanted, exit, err + out);
        return this;
    }
}
