package org.damson.cli.whatif;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.logging.Level;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.chrome.ChromeDriverService;
import org.openqa.selenium.chrome.ChromeOptions;
import org.openqa.selenium.logging.LogEntry;
import org.openqa.selenium.logging.LogType;
import org.openqa.selenium.logging.LoggingPreferences;
import org.openqa.selenium.remote.RemoteWebDriver;

/** The distribution's Chromium, by its driver. */
final class Chromium implements PageBrowser.Driven {
    private final Path pages;
    private final ChromeDriver driver;

    Chromium(Path pages) {
        this.pages = pages;
        // By name: Selenium would look for a driver in the network.
        ChromeDriverService service = new ChromeDriverService.Builder()
                .usingDriverExecutable(
                        new File(System.getProperty("damson.test.chromedriver", "/usr/bin/chromedriver")))
                .usingAnyFreePort()
                .build();
        ChromeOptions options = new ChromeOptions();
        options.setBinary(System.getProperty("damson.test.chromium", "/usr/bin/chromium"));
        options.addArguments(
                "--headless=new",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-dev-shm-usage",
                "--force-device-scale-factor=1",
                "--window-size=1280,1000",
                "--user-data-dir=" + pages.resolve("profile"));
        LoggingPreferences logs = new LoggingPreferences();
        logs.enable(LogType.BROWSER, Level.ALL);
        logs.enable(LogType.PERFORMANCE, Level.ALL);
        options.setCapability("goog:loggingPrefs", logs);
        driver = new ChromeDriver(service, options);
    }

    @Override
    public RemoteWebDriver driver() {
        return driver;
    }

    @Override
    public List<String> errors() {
        List<String> errors = new ArrayList<>();
        for (LogEntry entry : driver.manage().logs().get(LogType.BROWSER)) {
            errors.add(entry.getLevel() + " " + entry.getMessage());
        }
        return errors;
    }

    @Override
    public List<String> requests() throws IOException {
        List<String> asked = new ArrayList<>();
        for (LogEntry entry : driver.manage().logs().get(LogType.PERFORMANCE)) {
            JsonNode message = new ObjectMapper().readTree(entry.getMessage()).path("message");
            if (message.path("method").asText().equals("Network.requestWillBeSent")) {
                String url = message.path("params").path("request").path("url").asText();
                boolean isPage = url.startsWith("file://" + pages) && url.endsWith(".html");
                // The browser's own first tab is made of parts of its own; nothing of them is of a network.
                if (!isPage && !url.startsWith("chrome://") && !url.startsWith("data:")) {
                    asked.add(url);
                }
            }
        }
        return asked;
    }

    @Override
    public void dark(Boolean is) {
        List<Map<String, String>> features = is == null
                ? List.of()
                : List.of(Map.of("name", "prefers-color-scheme", "value", is ? "dark" : "light"));
        driver.executeCdpCommand("Emulation.setEmulatedMedia", Map.of("features", features));
    }

    @Override
    public void stop() {
        driver.quit();
    }
}
