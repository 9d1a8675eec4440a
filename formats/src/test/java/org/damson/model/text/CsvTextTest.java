package org.damson.model.text;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

final class CsvTextTest {
    @Test
    void namesStayAsTheyAre() {
        for (String text : new String[] {"", "[heap]", "/usr/lib/libc.so.6", "a=b", "x+1", "d\u00e4ta"}) {
            assertEquals(text, CsvText.cell(text));
        }
    }

    @Test
    void numbersStayNumbers() {
        for (String text : new String[] {"-2", "+3", "-1.5", "-1e-3", "0"}) {
            assertEquals(text, CsvText.cell(text));
        }
    }

    @Test
    void whatASpreadsheetWouldComputeIsText() {
        assertEquals("'=1+1", CsvText.cell("=1+1"));
        assertEquals("'+cmd()", CsvText.cell("+cmd()"));
        assertEquals("'-2+3", CsvText.cell("-2+3"));
        assertEquals("'-", CsvText.cell("-"));
        assertEquals("'@SUM(A1)", CsvText.cell("@SUM(A1)"));
        assertEquals("'\t=1", CsvText.cell("\t=1"));
        assertEquals("\"'\r=1\"", CsvText.cell("\r=1"));
        assertEquals("\"'=\"\"a\"\",b\"", CsvText.cell("=\"a\",b"));
    }

    @Test
    void takingOneApostropheAwayGivesTheTextBack() {
        assertEquals("''=1+1", CsvText.cell("'=1+1"));
        assertEquals("''quoted'", CsvText.cell("'quoted'"));
    }

    @Test
    void commasQuotesAndLinesAreQuoted() {
        assertEquals("\"a,\"\"b\"\"\"", CsvText.cell("a,\"b\""));
        assertEquals("\"a\nb\"", CsvText.cell("a\nb"));
    }
}
