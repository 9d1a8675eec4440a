package org.damson.analyzer.page;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

final class PageTextsTest {
    /** A text takes four bytes beside its characters, one outside ASCII or of markup six. */
    @Test
    void eachTextIsThereOnceAsLongAsThereIsRoom() {
        PageTexts texts = new PageTexts(22);
        assertEquals(0, texts.add("ab"));
        assertEquals(0, texts.add("ab"));
        assertEquals(1, texts.add("<")); // 10
        assertEquals(-1, texts.add("abc"));
        assertEquals(2, texts.add("cd"));
        assertEquals(-1, texts.add(""));
        assertEquals(1, texts.add("<"));
        assertEquals(List.of("ab", "<", "cd"), texts.list());
    }

    @Test
    void theMiddleOfALongTextIsLeftOut() {
        String name = "a".repeat(200) + "b".repeat(200);
        assertEquals("a".repeat(160) + " ... " + "b".repeat(80), PageTexts.shown(name));
        assertEquals("x".repeat(240), PageTexts.shown("x".repeat(240)));
        assertEquals(name, PageTexts.line(name));
    }

    /** As functions of templates that differ in what is left out: none may be taken for another. */
    @Test
    void longTextsThatDifferInTheirMiddlesStayTwo() {
        PageTexts texts = new PageTexts(2000);
        for (int round = 0; round < 2; round++) {
            for (int i = 0; i < 3; i++) {
                assertEquals(i, texts.add("a".repeat(200) + i + "b".repeat(200)));
            }
        }
        String head = "a".repeat(160) + " ... ";
        assertEquals(
                List.of(head + "b".repeat(80), head + "(2) ... " + "b".repeat(80), head + "(3) ... " + "b".repeat(80)),
                texts.list());
    }

    /** Whatever the place of a character of two halves, both or none are there. */
    @Test
    void noCharacterIsCutInTwo() {
        for (int at = 150; at < 330; at++) {
            String name = "a".repeat(at) + "\ud83d\ude00" + "b".repeat(400 - at);
            String shown = PageTexts.shown(name);
            assertTrue(StandardCharsets.UTF_16.newEncoder().canEncode(shown), "at " + at);
            assertTrue(shown.length() <= 245, "at " + at);
        }
    }
}
