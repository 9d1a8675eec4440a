package org.damson.analyzer.fleet;

import java.io.Serializable;
import java.util.Comparator;

/**
 * Something about one trace, or one directory, that makes the result less than whole.
 *
 * @param kind what became of it
 * @param reason one line
 */
public record Trouble(String path, Kind kind, String reason) implements Serializable {
    private static final long serialVersionUID = 1L;

    /** By path, then kind and reason. */
    public static final Comparator<Trouble> ORDER =
            Comparator.comparing(Trouble::path).thenComparing(Trouble::kind).thenComparing(Trouble::reason);

    /** What became of a trace. */
    public enum Kind {
        /** It counts nowhere. */
        LEFT_OUT("left out"),
        /** Another copy of the same recording counts. */
        DUPLICATE("duplicate"),
        /** It counts, as far as its reason says. */
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
