package org.damson.cli.whatif;

import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.openqa.selenium.ImmutableCapabilities;
import org.openqa.selenium.remote.RemoteWebDriver;

/** The distribution's Firefox, by its own Marionette. */
final class Firefox implements PageBrowser.Driven {
    private static final long START_NS = TimeUnit.SECONDS.toNanos(90);

    private final Process process;
    private final Marionette marionette;
    private final RemoteWebDriver driver;

    /** @param pages a directory, which gets the browser's profile too */
    Firefox(Path pages) throws IOException {
        int port;
        try (ServerSocket free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
        Path profile = Files.createDirectory(pages.resolve("firefox"));
        // Everything but this machine goes to a port that nobody listens on.
        Files.write(
                profile.resolve("user.js"),
                List.of(
                        "user_pref(\"marionette.port\", " + port + ");",
                        "user_pref(\"network.proxy.type\", 1);",
                        "user_pref(\"network.proxy.http\", \"127.0.0.1\");",
                        "user_pref(\"network.proxy.http_port\", 9);",
                        "user_pref(\"network.proxy.ssl\", \"127.0.0.1\");",
                        "user_pref(\"network.proxy.ssl_port\", 9);",
                        "user_pref(\"network.proxy.no_proxies_on\", \"127.0.0.1\");"));
        ProcessBuilder builder = new ProcessBuilder(
                System.getProperty("damson.test.firefox", "/usr/bin/firefox-esr"),
                "--headless",
                "--marionette",
                "--no-remote",
                // For what went wrong in pages, and for the reader's preferences.
                "--remote-allow-system-access",
                "--profile",
                profile.toString());
        builder.environment()
                .putAll(Map.of(
                        "HOME", pages.toString(),
                        "MOZ_HEADLESS_WIDTH", "1280",
                        "MOZ_HEADLESS_HEIGHT", "1000"));
        process = builder.redirectErrorStream(true)
                .redirectOutput(pages.resolve("firefox.log").toFile())
                .start();
        marionette = connected(port);
        driver = new RemoteWebDriver(marionette, new ImmutableCapabilities());
    }

    private Marionette connected(int port) throws IOException {
        long endNs = System.nanoTime() + START_NS;
        while (true) {
            try {
                return new Marionette(port);
            } catch (IOException e) {
                if (System.nanoTime() > endNs || !process.isAlive()) {
                    process.destroyForcibly();
                    throw e;
                }
                try {
                    TimeUnit.MILLISECONDS.sleep(200);
                } catch (InterruptedException interrupted) {
                    Thread.currentThread().interrupt();
                    throw e;
                }
            }
        }
    }

    @Override
    public RemoteWebDriver driver() {
        return driver;
    }

    /** Runs a script of the browser's own, which sees more than those of pages. */
    private Object inBrowser(String script) throws IOException {
        marionette.send("Marionette:SetContext", Map.of("value", "chrome"));
        try {
            return marionette.send("WebDriver:ExecuteScript", Map.of("script", script, "args", List.of()));
        } finally {
            marionette.send("Marionette:SetContext", Map.of("value", "content"));
        }
    }

    @Override
    public List<String> errors() throws IOException {
        Object found = inBrowser(
                """
                const all = Services.console.getMessageArray()
                    .filter((m) => m instanceof Ci.nsIScriptError && m.sourceName.startsWith("file:"))
                    .map((m) => m.category + " " + m.errorMessage);
                Services.console.reset();
                return all;""");
        List<String> errors = new ArrayList<>();
        ((List<?>) found).forEach(e -> errors.add(e.toString()));
        return errors;
    }

    @Override
    public List<String> requests() {
        return List.of();
    }

    @Override
    public void dark(Boolean is) throws IOException {
        String pref = "\"layout.css.prefers-color-scheme.content-override\"";
        inBrowser(
                is == null
                        ? "Services.prefs.clearUserPref(" + pref + ")"
                        : "Services.prefs.setIntPref(" + pref + ", " + (is ? 0 : 1) + ")");
    }

    @Override
    public void stop() throws IOException {
        process.destroy();
        try {
            if (!process.waitFor(20, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
