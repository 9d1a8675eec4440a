package org.damson.analyzer.fleet;

import java.io.Serializable;
import java.util.Comparator;
import org.damson.model.text.NativeText;

/**
 * A problem with one trace or directory that makes the result incomplete.
 *
 * @param kind what became of it
 * @param reason one line
 */
public record Trouble(String path, Kind kind, String reason) implements Serializable {
    private static final long serialVersionUID = 1L;

    /** With a path that every format can hold. */
    public Trouble {
        path = NativeText.readable(path);
    }

    /** By path, then kind and reason. */
    public static final Comparator<Trouble> ORDER =
            Comparator.comparing(Trouble::path).thenComparing(Trouble::kind).thenComparing(Trouble::reason);

    /** What a problem means for the trace. */
    public enum Kind {
        /** It counts nowhere. */
        LEFT_OUT("left out"),
        /** Another copy of the same recording counts. */
        DUPLICATE("duplicate"),
        /** It counts, within the limits that the reason gives. */
        DOUBTFUL("doubtful");

        private final String text;

        Kind(String text) {
            this.text = text;
        }

        public String text() {
            return text;
        }
    }
}
