package org.damson.analyzer.render.page;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Properties;
import org.damson.trace.files.Sha256;

/** The texts that every page is made of: damson's own, and the library of charts from its WebJar. */
final class Assets {
    /** Own scripts, in order. */
    private static final List<String> SCRIPTS = List.of(
            "data.js", "view.js", "heat.js", "series.js", "flame.js", "phases.js", "ran.js", "spot.js", "main.js");

    private static final String UPLOT = "/META-INF/maven/org.webjars.npm/uplot/pom.properties";

    private Assets() {}

    static String template() throws IOException {
        return own("page.html");
    }

    static String style() throws IOException {
        return uplot("dist/uPlot.min.css") + "\n" + own("page.css");
    }

    /** Own code, which leaves no name behind. */
    static String script() throws IOException {
        StringBuilder all = new StringBuilder("\n(() => {\n\"use strict\";\n");
        for (String script : SCRIPTS) {
            all.append(own(script));
        }
        return all.append("})();\n").toString();
    }

    static String uplotScript() throws IOException {
        return uplot("dist/uPlot.iife.min.js");
    }

    static String uplotLicence() throws IOException {
        return uplot("LICENSE");
    }

    static String uplotVersion() throws IOException {
        Properties p = new Properties();
        try (InputStream in = open(UPLOT)) {
            p.load(in);
        }
        return p.getProperty("version");
    }

    private static String uplot(String file) throws IOException {
        return text("/META-INF/resources/webjars/uplot/" + uplotVersion() + "/" + file);
    }

    private static String own(String file) throws IOException {
        return text("/org/damson/analyzer/render/page/" + file);
    }

    private static String text(String resource) throws IOException {
        try (InputStream in = open(resource)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private static InputStream open(String resource) throws IOException {
        InputStream in = Assets.class.getResourceAsStream(resource);
        if (in == null) {
            throw new IOException(resource + " is missing from this build");
        }
        return in;
    }

    /** A text as a content security policy names it. */
    static String hash(String text) {
        return "'sha256-" + Base64.getEncoder().encodeToString(Sha256.of(text)) + "'";
    }
}
