package org.damson.cli.whatif;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.openqa.selenium.By;
import org.openqa.selenium.WebElement;

/** Phases and functions over time, on the page in a real browser. */
final class PagePhasesIT extends PageBrowser {
    /** A phase is selected from the table or by keys; then the functions are those that its row names. */
    @Test
    void phasesAreSelected() {
        open(stairs);
        List<WebElement> rows = browser.findElements(By.cssSelector("#phases tbody tr"));
        assertTrue(rows.size() >= 10, rows.size() + " phases of a staircase of ten steps");
        String first = rows.get(3).findElement(By.cssSelector("td:last-child")).getText();
        rows.get(3).findElement(By.tagName("button")).click();
        drawn();
        String fourth = text("range");
        assertTrue(fourth.contains("selected"), fourth);
        String most = browser.findElement(By.cssSelector("#functions tbody td")).getText();
        assertTrue(first.startsWith(most + " "), first + " but " + most);
        script("document.getElementById('heat').focus()");
        keys("n");
        assertNotEquals(fourth, text("range"));
        keys("p");
        assertEquals(fourth, text("range"));
        String with = picture();
        at("show-phases").click();
        drawn();
        assertNotEquals(with, picture());
    }

    /** The functions over time: several colours, and a selection by dragging. */
    @Test
    void functionsOverTimeAreOnTheSameAxis() {
        open(stairs);
        assertTrue((long)
                        script(
                                """
                const c = document.getElementById('ran');
                const d = c.getContext('2d').getImageData(140, 60, c.width - 310, 1).data;
                const seen = new Set();
                for (let i = 0; i < d.length; i += 4) seen.add(d[i] << 16 | d[i + 1] << 8 | d[i + 2]);
                return seen.size;""")
                >= 1);
        assertFalse(text("ran-legend").isEmpty());
        script("document.getElementById('ran').scrollIntoView({block: 'center'})");
        actions()
                .moveToElement(at("ran"), -100, 0)
                .clickAndHold()
                .moveToElement(at("ran"), 100, 0)
                .release()
                .perform();
        drawn();
        assertTrue(text("range").contains("selected"), text("range"));
    }
}
