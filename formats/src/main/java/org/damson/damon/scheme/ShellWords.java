package org.damson.damon.scheme;

import java.util.ArrayList;
import java.util.List;
import org.damson.model.InvalidInputException;

/** Splits text into words as a shell does. */
public final class ShellWords {
    private ShellWords() {}

    /**
     * The words; what single or double quotes enclose is in one.
     *
     * @throws InvalidInputException if a quote is not closed
     */
    static List<String> of(String text) {
        return of(text, false);
    }

    /** The words of a command line; outside single quotes a backslash escapes the next character. */
    static List<String> ofCommand(String text) {
        return of(text, true);
    }

    private static List<String> of(String text, boolean escapes) {
        List<String> words = new ArrayList<>();
        StringBuilder word = new StringBuilder();
        char quote = 0;
        boolean inWord = false;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            char next = i + 1 < text.length() ? text.charAt(i + 1) : 0;
            if (escapes && c == '\\' && next != 0 && (quote == 0 || quote == '"' && "\"\\$`".indexOf(next) >= 0)) {
                word.append(next);
                inWord = true;
                i++;
            } else if (quote != 0) {
                if (c == quote) {
                    quote = 0;
                } else {
                    word.append(c);
                }
            } else if (c == '"' || c == '\'') {
                quote = c;
                inWord = true;
            } else if (Character.isWhitespace(c)) {
                if (inWord) {
                    words.add(word.toString());
                    word.setLength(0);
                    inWord = false;
                }
            } else {
                word.append(c);
                inWord = true;
            }
        }
        if (quote != 0) {
            throw new InvalidInputException("a quote is not closed");
        }
        if (inWord) {
            words.add(word.toString());
        }
        return words;
    }

    /** The text quoted as a single word. */
    public static String quoted(String text) {
        return text.matches("[\\w/.,:+@-]+") ? text : "'" + text.replace("'", "'\"'\"'") + "'";
    }
}
