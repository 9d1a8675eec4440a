package org.damson.cli.input;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import org.damson.cli.command.WorkDirectory;
import org.damson.trace.Traces;

/**
 * Where a new trace is made: at its output, or, if one is there that {@code --force} replaces, aside, so that the old one stays
 * until the new one is whole.
 */
public final class TracePlace implements AutoCloseable {
    private final Path output;
    private final WorkDirectory aside;

    private TracePlace(Path output, boolean mayReplace) throws IOException {
        this.output = output;
        if (mayReplace) {
            Traces.finishReplacing(output);
        }
        aside = mayReplace && Files.exists(output, LinkOption.NOFOLLOW_LINKS)
                ? WorkDirectory.beside(output, "replace")
                : null;
    }

    /** @param mayReplace whether a trace that is there may be replaced; else it is refused when the new one is made */
    public static TracePlace of(Path output, boolean mayReplace) throws IOException {
        return new TracePlace(output, mayReplace);
    }

    /** Where to make it. */
    public Path path() {
        return aside == null ? output : aside.resolve(output.getFileName().toString());
    }

    /** Puts it in its place, when it is whole. */
    public void keep() throws IOException {
        if (aside != null) {
            Traces.replace(path(), output);
        }
    }

    /** Removes what was made aside and not kept. */
    @Override
    public void close() throws IOException {
        if (aside != null) {
            aside.close();
        }
    }
}
