package org.damson.damon.scheme;

import java.util.List;
import org.damson.model.InvalidInputException;
import org.damson.model.text.Printable;

/** A word that is not allowed in its place; handlers can suggest the nearest allowed one. */
public final class UnknownWordException extends InvalidInputException {
    private static final long serialVersionUID = 1L;
    private final String word;
    private final transient List<String> known;

    public UnknownWordException(String what, String word, List<String> known) {
        super("unknown " + what + " '" + Printable.line(word) + "'; known: " + String.join(", ", known));
        this.word = word;
        this.known = List.copyOf(known);
    }

    public String word() {
        return word;
    }

    public List<String> known() {
        return known;
    }
}
