package org.damson.cli.whatif;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.damson.cli.CliRun;
import org.damson.cli.command.ExitCode;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.openqa.selenium.By;
import org.openqa.selenium.Rectangle;
import org.openqa.selenium.WebElement;
import org.openqa.selenium.interactions.Actions;
import org.openqa.selenium.remote.RemoteWebDriver;

/**
 * A page in a real browser, used as a reader uses it: the distribution's Chromium, or Firefox with {@code -Ddamson.test.browser=firefox}.
 * The trace is a staircase of ten steps with the call stacks of the program that made it.
 */
abstract class PageBrowser {
    @TempDir
    static Path dir;

    static RemoteWebDriver browser;
    static Path stairs;
    private static Driven driven;

    /** What each browser has its own way for. */
    interface Driven {
        RemoteWebDriver driver();

        /** What went wrong or was refused in pages since this was asked last. */
        List<String> errors() throws IOException;

        /** What was asked for beside pages below {@link #dir} since this was asked last; empty where the browser does not tell. */
        List<String> requests() throws IOException;

        /** What the reader prefers; null: nothing. */
        void dark(Boolean is) throws IOException;

        void stop() throws IOException;
    }

    @BeforeAll
    static void start() throws IOException {
        Path trace = dir.resolve("stairs.damson");
        Path testdata = CliRun.testdata().resolve("stairs-perf");
        CliRun.of(
                        "merge",
                        testdata.resolve("cpu.perf.script.gz"),
                        testdata.resolve("damon.perf.script.gz"),
                        "-o",
                        trace)
                .expect(ExitCode.OK);
        stairs = dir.resolve("stairs.html");
        CliRun.of("report", "html", trace, "-o", stairs, "--scheme", "pageout access=0..0 age=2s..max")
                .expect(ExitCode.OK);
        boolean isFirefox =
                System.getProperty("damson.test.browser", "chromium").equals("firefox");
        driven = isFirefox ? new Firefox(dir) : new Chromium(dir);
        browser = driven.driver();
        browser.manage().timeouts().scriptTimeout(Duration.ofSeconds(20));
    }

    @AfterAll
    static void stop() throws IOException {
        if (driven != null) {
            driven.stop();
        }
    }

    /** Whatever a test did: nothing went wrong in the page, and nothing but the page was asked for. */
    @AfterEach
    void noErrorAndNoRequest() throws IOException {
        assertEquals(List.of(), errors());
        assertEquals(List.of(), requests());
    }

    static List<String> errors() throws IOException {
        return driven.errors();
    }

    static List<String> requests() throws IOException {
        return driven.requests();
    }

    static void dark(Boolean is) throws IOException {
        driven.dark(is);
        drawn();
    }

    static void open(Path page) {
        browser.get(page.toUri().toString());
        assertEquals(true, script("return document.documentElement.hasAttribute('data-ready')"));
    }

    static Object script(String code, Object... arguments) {
        return browser.executeScript(code, arguments);
    }

    static WebElement at(String id) {
        return browser.findElement(By.id(id));
    }

    static String text(String id) {
        return at(id).getText();
    }

    /** After what is drawn next. */
    static void drawn() {
        browser.executeAsyncScript(
                "const done = arguments[0]; requestAnimationFrame(() => requestAnimationFrame(() => done()));");
    }

    /** A point of the heatmap, by shares of its width and height from the lower left corner of the picture. */
    static Actions to(Actions actions, double x, double y) {
        // Offsets are from the middle of what is in view.
        script("document.getElementById('heat').scrollIntoView({block: 'center'})");
        Rectangle heat = at("heat").getRect();
        // The chart above is on the same axis of time; above and below are the map's own margins.
        Rectangle chart = browser.findElement(By.cssSelector("#wss .u-over")).getRect();
        double px = chart.getX() + x * chart.getWidth() - heat.getX() - heat.getWidth() / 2.0;
        double py = 10 + (1 - y) * (heat.getHeight() - 50) - heat.getHeight() / 2.0;
        return actions.moveToElement(at("heat"), (int) px, (int) py);
    }

    static Actions actions() {
        return new Actions(browser, Duration.ofMillis(20));
    }

    static double shownSeconds() {
        String range = text("range").replace('\u00a0', ' ');
        String shown = range.substring(range.indexOf('(') + 1, range.indexOf(')'));
        double number = Double.parseDouble(shown.substring(0, shown.indexOf(' ')));
        return shown.endsWith(" ms") ? number / 1000 : number;
    }

    static void keys(CharSequence... keys) {
        new Actions(browser).sendKeys(keys).perform();
        drawn();
        drawn();
    }

    static String picture() {
        return (String) script("return document.getElementById('heat').toDataURL()");
    }
}
