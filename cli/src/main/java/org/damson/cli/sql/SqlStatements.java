package org.damson.cli.sql;

import java.util.ArrayList;
import java.util.List;

/** Cuts a text into statements at the semicolons that stand outside of quotes and comments. */
final class SqlStatements {
    private SqlStatements() {}

    /** The statements, without their semicolons; what is nothing but space and comments is left out. */
    static List<String> split(String text) {
        List<String> statements = new ArrayList<>();
        int from = 0;
        boolean something = false;
        int i = 0;
        while (i < text.length()) {
            int next = skip(text, i);
            if (next > i) {
                something |= !isComment(text, i);
                i = next;
            } else if (text.charAt(i) == ';') {
                if (something) {
                    statements.add(text.substring(from, i).strip());
                }
                from = ++i;
                something = false;
            } else {
                something |= !Character.isWhitespace(text.charAt(i));
                i++;
            }
        }
        if (something) {
            statements.add(text.substring(from).strip());
        }
        return statements;
    }

    /** Whether the text ends outside of quotes and comments, after a semicolon: a shell has no more to wait for. */
    static boolean isComplete(String text) {
        boolean complete = false;
        int i = 0;
        while (i < text.length()) {
            int next = skip(text, i);
            if (next > i) {
                complete &= isComment(text, i);
                i = next;
                continue;
            }
            char c = text.charAt(i++);
            complete = c == ';' || complete && Character.isWhitespace(c);
        }
        return complete;
    }

    private static boolean isComment(String text, int at) {
        return text.startsWith("--", at) || text.startsWith("/*", at);
    }

    /** The end of the quoted text or comment that begins here; {@code at} if none does. */
    private static int skip(String text, int at) {
        if (text.startsWith("--", at)) {
            return after(text, "\n", at + 2);
        }
        if (text.startsWith("/*", at)) {
            return after(text, "*/", at + 2);
        }
        if (text.startsWith("$$", at)) {
            return after(text, "$$", at + 2);
        }
        char c = text.charAt(at);
        // a quote inside is doubled, which reads as the end of one text and the beginning of the next
        return c == '\'' || c == '"' ? after(text, String.valueOf(c), at + 1) : at;
    }

    private static int after(String text, String end, int from) {
        int found = text.indexOf(end, from);
        return found < 0 ? text.length() : found + end.length();
    }
}
