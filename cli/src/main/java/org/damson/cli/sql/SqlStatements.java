package org.damson.cli.sql;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Cuts a text into statements at the semicolons that stand outside of quotes and comments. */
final class SqlStatements {
    /** What a text between dollars begins and ends with, as {@code $$} or {@code $name$}. */
    private static final Pattern TAG = Pattern.compile("\\$([\\p{L}_][\\p{L}\\p{N}_]*)?\\$");

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
            return afterComment(text, at);
        }
        boolean isWithinWord = at > 0 && Character.isUnicodeIdentifierPart(text.charAt(at - 1));
        char c = text.charAt(at);
        if (c == '$' && !isWithinWord) {
            Matcher tag = TAG.matcher(text).region(at, text.length());
            return tag.lookingAt() ? after(text, tag.group(), tag.end()) : at;
        }
        if ((c == 'e' || c == 'E') && !isWithinWord && text.startsWith("'", at + 1)) {
            return afterEscapes(text, at + 2);
        }
        // a quote inside is doubled, which reads as the end of one text and the beginning of the next
        return c == '\'' || c == '"' ? after(text, String.valueOf(c), at + 1) : at;
    }

    /** Behind a comment, which may hold others. */
    private static int afterComment(String text, int from) {
        int depth = 0;
        for (int i = from; i < text.length(); i++) {
            if (text.startsWith("/*", i)) {
                depth++;
                i++;
            } else if (text.startsWith("*/", i)) {
                i++;
                if (--depth == 0) {
                    return i + 1;
                }
            }
        }
        return text.length();
    }

    /** Behind a text such as {@code E'it\'s'}. */
    private static int afterEscapes(String text, int from) {
        for (int i = from; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '\\' || c == '\'' && text.startsWith("'", i + 1)) {
                i++;
            } else if (c == '\'') {
                return i + 1;
            }
        }
        return text.length();
    }

    private static int after(String text, String end, int from) {
        int found = text.indexOf(end, from);
        return found < 0 ? text.length() : found + end.length();
    }
}
