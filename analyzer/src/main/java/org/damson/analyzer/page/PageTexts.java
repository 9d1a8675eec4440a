package org.damson.analyzer.page;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.damson.model.stacks.Frame;
import org.damson.model.text.Printable;

/** Names for a page, each once: harmless, cut to a length that can be shown, and no more of them in all than a page may hold. */
final class PageTexts {
    private static final int MAX_LENGTH = 240;
    private static final int MAX_LINE = 600;
    private static final String REST = " ... ";

    private final List<String> texts = new ArrayList<>();
    private final Map<String, Integer> places = new HashMap<>();
    /** Long texts by what is left of them, which may be the same. */
    private final Map<String, Integer> alike = new HashMap<>();

    private final int maxBytes;
    private int bytes;

    /** @param maxBytes as they are written: a character outside ASCII takes six */
    PageTexts(int maxBytes) {
        this.maxBytes = maxBytes;
    }

    /** Its place, or -1 if there is no room for it. */
    int add(String text) {
        String line = Frame.harmless(text);
        Integer known = places.get(line);
        if (known != null) {
            return known;
        }
        String shown = Printable.cut(line, MAX_LENGTH, REST);
        if (line.length() > MAX_LENGTH && alike.merge(shown, 1, Integer::sum) > 1) {
            shown = Printable.cut(line, MAX_LENGTH, REST + "(" + alike.get(shown) + ")" + REST);
        }
        int size = size(shown);
        if (bytes + size > maxBytes) {
            return -1;
        }
        bytes += size;
        places.put(line, texts.size());
        texts.add(shown);
        return texts.size() - 1;
    }

    private static int size(String text) {
        int size = 4;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            size += c >= ' ' && c < 0x7f && "\"\\<>&'".indexOf(c) < 0 ? 1 : 6;
        }
        return size;
    }

    /** A text of unknown origin on one line; the middle of a long one is left out. */
    static String shown(String text) {
        return Printable.cut(Frame.harmless(text), MAX_LENGTH, REST);
    }

    /** The same of a text that is a sentence or a list. */
    static String line(String text) {
        return Printable.cut(Frame.harmless(text), MAX_LINE, REST);
    }

    List<String> list() {
        return List.copyOf(texts);
    }
}
