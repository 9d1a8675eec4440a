package org.damson.analyzer.page;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.damson.model.stacks.Frame;

/** Names for a page, each once: harmless, cut to a length that can be shown, and no more of them in all than a page may hold. */
final class PageTexts {
    private static final int MAX_LENGTH = 240;
    private static final int MAX_LINE = 600;

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
        String shown = cut(line, MAX_LENGTH, "");
        if (line.length() > MAX_LENGTH && alike.merge(shown, 1, Integer::sum) > 1) {
            shown = cut(line, MAX_LENGTH, "(" + alike.get(shown) + ") ... ");
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
        return cut(Frame.harmless(text), MAX_LENGTH, "");
    }

    /** The same of a text that is a sentence or a list. */
    static String line(String text) {
        return cut(Frame.harmless(text), MAX_LINE, "");
    }

    /** @param which tells it from others that are cut to the same */
    private static String cut(String line, int most, String which) {
        if (line.length() <= most) {
            return line;
        }
        int head = most * 2 / 3;
        int tail = line.length() - most / 3;
        // Not through a character of two halves.
        head -= Character.isHighSurrogate(line.charAt(head - 1)) ? 1 : 0;
        tail += Character.isLowSurrogate(line.charAt(tail)) ? 1 : 0;
        return line.substring(0, head) + " ... " + which + line.substring(tail);
    }

    List<String> list() {
        return List.copyOf(texts);
    }
}
