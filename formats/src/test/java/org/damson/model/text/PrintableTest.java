package org.damson.model.text;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

final class PrintableTest {
    @Test
    void breaksBecomeOneSpace() {
        assertEquals("a b c", Printable.line("a\r\n   b\u2028c"));
    }

    @Test
    void whatDrivesATerminalIsShown() {
        assertEquals("x?[31mred?hi?", Printable.line("x\u001b[31mred\u009bhi\u007f"));
    }

    @Test
    void otherTextStays() {
        assertEquals("/usr/lib/libé.so 日本 \u00a0", Printable.line("/usr/lib/libé.so 日本 \u00a0"));
    }

    @Test
    void textDoesNotTurnWhatStandsAroundIt() {
        assertEquals("a?b?c?d", Printable.line("a\u202eb\u2066c\u061cd"));
        assertEquals("??", Printable.line("\u200e\u200f"));
        // what nobody sees; joiners are needed to write
        assertEquals("a?b?c?d?", Printable.line("a\u200bb\u2060c\ufeffd\udb40\udc41"));
        assertEquals("\u0645\u06cc\u200c\u062e", Printable.line("\u0645\u06cc\u200c\u062e"));
        assertEquals("x? \ud83d\ude00", Printable.line("x\udce4 \ud83d\ude00"));
    }

    @Test
    void ofALongTextBothEndsStay() {
        assertEquals("abcdef", Printable.cut("abcdef", 6, "..."));
        assertEquals("ab...f", Printable.cut("abcdef", 3, "..."));
        assertEquals("abc..f", Printable.cut("abcdef", 5, ".."));
        // neither end splits a character of two halves
        assertEquals("a..", Printable.cut("a\ud83d\ude00b\ud83d\ude00", 4, ".."));
    }
}
