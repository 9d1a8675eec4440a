package org.damson.cli.whatif;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.damson.cli.CliRun;
import org.damson.cli.command.ExitCode;
import org.junit.jupiter.api.Test;
import org.openqa.selenium.By;
import org.openqa.selenium.Dimension;
import org.openqa.selenium.Keys;
import org.openqa.selenium.WebElement;
import org.openqa.selenium.interactions.Actions;

/** The page in a real browser: {@code testing/page.sh} runs it. */
final class PageBrowserIT extends PageBrowser {
    @Test
    void opensWithPicturesAndTexts() {
        open(stairs);
        assertEquals("stairs.damson", text("title"));
        assertTrue(text("summary").contains("import:text"), text("summary"));
        assertTrue(text("wss-about").contains("MiB"), text("wss-about"));
        assertTrue(text("facts").contains("aggregation"), text("facts"));
        assertTrue(text("stacks-about").contains("cpu-clock"), text("stacks-about"));
        assertTrue(browser.findElements(By.cssSelector("#flame .frame")).size() > 5);
        assertTrue(browser.findElements(By.cssSelector("#wss canvas, #curves canvas"))
                        .size()
                == 2);
        // The heatmap has cold and hot memory.
        assertTrue((long)
                        script(
                                """
                const c = document.getElementById('heat'), g = c.getContext('2d');
                const d = g.getImageData(140, 20, c.width - 310, c.height - 70).data;
                const seen = new Set();
                for (let i = 0; i < d.length; i += 4) seen.add(d[i] << 16 | d[i + 1] << 8 | d[i + 2]);
                return seen.size;""")
                > 8);
    }

    @Test
    void selectsZoomsAndGoesBack() {
        open(stairs);
        double whole = shownSeconds();
        assertFalse(at("zoom-selection").isEnabled());
        String all = text("stacks-about");
        to(to(actions(), 0.25, 0.5).clickAndHold(), 0.5, 0.6).release().perform();
        drawn();
        assertTrue(text("range").contains("selected"), text("range"));
        assertNotEquals(all, text("stacks-about"), "stacks are those of the selection");
        at("zoom-selection").click();
        drawn();
        assertEquals(whole / 4, shownSeconds(), whole / 100);
        String zoomed = text("stacks-about");
        at("zoom-in").click();
        drawn();
        assertEquals(whole / 8, shownSeconds(), whole / 100);
        assertNotEquals(zoomed, text("stacks-about"));
        at("reset").click();
        drawn();
        assertEquals(whole, shownSeconds(), whole / 1000);
        assertEquals(all, text("stacks-about"));
        // The chart of the working set selects the same time.
        WebElement chart = browser.findElement(By.cssSelector("#wss .u-over"));
        int third = chart.getSize().getWidth() / 3;
        actions()
                .moveToElement(chart, -third / 2, 0)
                .clickAndHold()
                .moveToElement(chart, third / 2, 0)
                .release()
                .perform();
        drawn();
        assertTrue(text("range").contains("selected"), text("range"));
        at("clear-selection").click();
        drawn();
        assertFalse(text("range").contains("selected"), text("range"));
        // Ctrl and the wheel zoom; the wheel alone scrolls the page.
        script(
                """
                document.getElementById('heat').dispatchEvent(
                    new WheelEvent('wheel', {deltaY: -60, ctrlKey: true, clientX: 500, clientY: 300, cancelable: true}));""");
        drawn();
        assertTrue(shownSeconds() < whole * 0.8, text("range"));
    }

    @Test
    void aClickShowsWhatIsThere() {
        open(stairs);
        to(actions(), 0.5, 0.5).click().perform();
        drawn();
        String spot = text("spot");
        for (String part : List.of("Address", "Mapping", "Heat", "Over all time", "What-if", "0x")) {
            assertTrue(spot.contains(part), spot);
        }
        assertTrue(spot.contains("samples of cpu-clock"), spot);
    }

    /** Each kind of function opens what it calls; a search marks what it finds. */
    @Test
    void theFlameGraphOpensAndFinds() {
        open(stairs);
        List<WebElement> frames = browser.findElements(By.cssSelector("#flame .frame"));
        String label = frames.get(2).getAttribute("aria-label");
        frames.get(2).click();
        drawn();
        assertTrue(at("flame-reset").isEnabled());
        assertEquals(
                label,
                browser.findElement(By.cssSelector("#flame .frame[tabindex='0']"))
                        .getAttribute("aria-label"));
        at("flame-reset").click();
        String name = browser.findElement(By.cssSelector("#functions tbody td")).getText();
        at("find").sendKeys(name.substring(0, Math.min(8, name.length())));
        drawn();
        assertFalse(browser.findElements(By.cssSelector("#flame .frame.found")).isEmpty(), name);
        assertTrue(text("found").contains("%"), text("found"));
    }

    @Test
    void everythingIsReachedByKeys() {
        open(stairs);
        List<String> order = new ArrayList<>();
        for (int i = 0; i < 14; i++) {
            new Actions(browser).sendKeys(Keys.TAB).perform();
            order.add((String) script("const e = document.activeElement; return e.id || e.className || e.tagName"));
        }
        List<String> wanted = List.of(
                "theme",
                "palette",
                "scale",
                "zoom-in",
                "zoom-out",
                "reset",
                "show-phases",
                "what-if",
                "heat",
                "SUMMARY",
                "find",
                "frame");
        assertEquals(wanted, order.subList(0, wanted.size()), order.toString());
        script("document.getElementById('heat').focus()");
        String before = text("cell");
        keys(Keys.ARROW_LEFT, Keys.ARROW_LEFT, Keys.ARROW_UP);
        assertNotEquals(before, text("cell"));
        assertTrue(text("cell").contains("0x"), text("cell"));
        keys(Keys.ENTER);
        assertTrue(text("spot").contains("Address"), text("spot"));
        double whole = shownSeconds();
        keys("+");
        assertEquals(whole / 2, shownSeconds(), whole / 100);
        keys("0");
        assertEquals(whole, shownSeconds(), whole / 1000);
        new Actions(browser)
                .keyDown(Keys.SHIFT)
                .sendKeys(Keys.ARROW_RIGHT, Keys.ARROW_RIGHT, Keys.ARROW_RIGHT)
                .keyUp(Keys.SHIFT)
                .perform();
        drawn();
        assertTrue(text("range").contains("selected"), text("range"));
        keys(Keys.ESCAPE);
        assertFalse(text("range").contains("selected"), text("range"));
        // Through the flame graph.
        script("document.querySelector('#flame .frame').focus()");
        keys(Keys.ARROW_DOWN);
        assertEquals("2", script("return document.activeElement.getAttribute('aria-level')"));
        keys(Keys.ENTER);
        assertTrue(at("flame-reset").isEnabled());
        keys(Keys.ESCAPE);
        assertFalse(at("flame-reset").isEnabled());
    }

    @Test
    void theWhatIfIsSwitchedOnAndOff() {
        open(stairs);
        String without = picture();
        at("what-if").click();
        drawn();
        String with = picture();
        assertNotEquals(without, with);
        assertTrue(text("legend").contains("out, likely course"), text("legend"));
        at("what-if").click();
        drawn();
        assertEquals(without, picture());
        assertTrue(text("what-if-about").contains("simulated, not measured"), text("what-if-about"));
    }

    @Test
    void isDarkWhereTheReaderIsAndLightOnPaper() throws IOException {
        open(stairs);
        dark(true);
        assertEquals("rgb(20, 24, 28)", background());
        script("dispatchEvent(new Event('beforeprint'))");
        assertEquals("rgb(255, 255, 255)", background());
        script("dispatchEvent(new Event('afterprint'))");
        assertEquals("rgb(20, 24, 28)", background());
        dark(null);
        assertEquals("rgb(255, 255, 255)", background());
        String light = picture();
        at("palette").sendKeys("cividis");
        drawn();
        assertNotEquals(light, picture());
    }

    private static String background() {
        return (String) script("return getComputedStyle(document.body).backgroundColor");
    }

    /** Names that would be markup, scripts or terminal commands are text, and the page's policy would let none of it run. */
    @Test
    void namesAreTextAndNothingElseMayRun() throws IOException {
        Path page = dir.resolve("hostile.html");
        // It lacks what its losses tell of.
        CliRun.of("report", "html", HostileTrace.write(dir), "-o", page).expect(ExitCode.PARTIAL);
        open(page);
        to(actions(), 0.5, 0.5).click().perform();
        drawn();
        // The row in the middle is of the fourth mapping, which the fourth function touched first.
        assertTrue(text("spot").matches("(?s).*First touch\\s+a\\?b\\?c d \\(a.*the first fault kept.*"), text("spot"));
        assertEquals(null, script("return window.owned || null"));
        assertEquals(0L, script("return document.querySelectorAll('img, svg, iframe, object, b, i').length"));
        String shown = text("functions") + text("spot") + text("facts");
        assertTrue(shown.contains("<img src=x onerror=owned=1>"), shown);
        assertTrue(shown.contains("</script><script>owned=1</script>"), shown);
        assertFalse(shown.chars().anyMatch(c -> c == 0x1b || c == 0x202e || c == 0x2066), shown);
    }

    @Test
    void thePolicyForbidsWhatThePageDidNotComeWith() throws IOException {
        AtomicInteger asked = new AtomicInteger();
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            asked.incrementAndGet();
            exchange.sendResponseHeaders(204, -1);
        });
        server.start();
        try {
            open(stairs);
            String url = "http://127.0.0.1:" + server.getAddress().getPort() + "/";
            Object refused = browser.executeAsyncScript(
                    """
                    const [url, done] = arguments;
                    const s = document.createElement('script');
                    s.textContent = 'window.owned = 1';
                    document.body.append(s);
                    const img = document.createElement('img');
                    img.src = url;
                    document.body.append(img);
                    document.body.insertAdjacentHTML('beforeend', '<p onclick="window.owned = 2" style="color: red" id="probe">x</p>');
                    document.getElementById('probe').click();
                    fetch(url).then(() => done('loaded'), () => done(String(window.owned)));""",
                    url);
            assertEquals("undefined", refused);
        } finally {
            server.stop(0);
        }
        assertEquals(0, asked.get());
        // The browser says of each that it refused it, as it should here; none of it was sent.
        assertFalse(errors().isEmpty());
        requests();
    }

    /** Where there is little room, and where there are no stacks, no snapshots or no heat. */
    @Test
    void otherTracesOpenToo() throws IOException {
        List<Path> traces = new ArrayList<>(List.of(
                CliRun.testdata().resolve("java-hot/hot.damson"),
                CliRun.testdata().resolve("physical/tracefs.txt.gz"),
                CliRun.testdata().resolve("perf-stacks/pipe.perf.data"),
                CliRun.testdata().resolve("zigzag-damo/damon.data")));
        Path redacted = dir.resolve("redacted.zip");
        CliRun.of("bundle", CliRun.testdata().resolve("java-hot/hot.damson"), "--redact", "-o", redacted)
                .expect(ExitCode.OK);
        traces.add(redacted);
        browser.manage().window().setSize(new Dimension(560, 900));
        try {
            for (int i = 0; i < traces.size(); i++) {
                Path page = dir.resolve("other-" + i + ".html");
                CliRun.of("report", "html", traces.get(i), "-o", page).expect(ExitCode.OK);
                open(page);
                assertFalse(text("title").isEmpty());
                assertTrue(Files.size(page) < 15_000_000);
                // Without memory there is a time to select on, and nothing else of it.
                boolean hasMemory = !traces.get(i).endsWith("pipe.perf.data");
                assertEquals(hasMemory, at("spot-section").isDisplayed());
                assertEquals(hasMemory, at("heat").getSize().height > 200);
                // Nothing is wider than the window.
                assertEquals(
                        true,
                        script("return document.documentElement.scrollWidth <= innerWidth"),
                        traces.get(i).toString());
            }
        } finally {
            browser.manage().window().setSize(new Dimension(1280, 1000));
        }
    }
}
