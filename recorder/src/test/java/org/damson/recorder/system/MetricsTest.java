package org.damson.recorder.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class MetricsTest {
    private static final String EXPECTED = "# HELP a_total What.\n# TYPE a_total counter\na_total 3\n"
            + "# HELP b How much.\n# TYPE b gauge\nb 0.250000000\n";

    @TempDir
    Path dir;

    private static Metrics metrics() {
        Metrics m = new Metrics();
        m.counter("a_total", "What.", () -> 3);
        m.gauge("b", "How much.", () -> 0.25);
        return m;
    }

    @Test
    void textIsWhatPrometheusReads() {
        assertEquals(EXPECTED, metrics().text());
    }

    @Test
    void aNumberThatNobodyKnowsIsLeftOut() {
        Metrics m = metrics();
        m.counter("c_total", "Who knows.", () -> Double.NaN);
        assertEquals(EXPECTED, m.text());
    }

    @Test
    void processIsMeasured() {
        Metrics m = new Metrics();
        m.addProcess();
        String text = m.text();
        assertTrue(text.matches("(?s).*\\ndamson_resident_bytes [1-9]\\d{6,}\\n.*"), text);
        assertTrue(text.matches("(?s).*\\ndamson_cpu_seconds_total [\\d.]*[1-9][.\\d]*\\n.*"), text);
    }

    @Test
    void fileIsReplacedInOneStepAndReadableByOthers() throws IOException {
        Path file = dir.resolve("damson.prom");
        Files.writeString(file, "old");
        Files.writeString(dir.resolve("damson.prom.part"), "of a writer that died");
        metrics().writeTo(file);
        assertEquals(EXPECTED, Files.readString(file));
        assertEquals("rw-r--r--", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
        assertFalse(Files.exists(dir.resolve("damson.prom.part")));
    }

    @Test
    void serverAnswersOnLoopbackOnly() throws Exception {
        try (Metrics m = metrics()) {
            int port = m.serve(0);
            HttpClient client = HttpClient.newHttpClient();
            String base = "http://" + InetAddress.getLoopbackAddress().getHostAddress() + ":" + port;
            HttpResponse<String> ok = client.send(
                    HttpRequest.newBuilder(URI.create(base + "/metrics")).build(),
                    HttpResponse.BodyHandlers.ofString());
            assertEquals(200, ok.statusCode());
            assertEquals(EXPECTED, ok.body());
            assertEquals(404, status(client, HttpRequest.newBuilder(URI.create(base + "/"))));
            assertEquals(
                    405,
                    status(
                            client,
                            HttpRequest.newBuilder(URI.create(base + "/metrics"))
                                    .POST(HttpRequest.BodyPublishers.ofString("x"))));
        }
    }

    private static int status(HttpClient client, HttpRequest.Builder request) throws Exception {
        return client.send(request.build(), HttpResponse.BodyHandlers.discarding())
                .statusCode();
    }

    @Test
    void pressureFiresOncePerRise() throws IOException {
        Path file = dir.resolve("memory");
        Pressure pressure = new Pressure(file, 20);
        String text =
                "some avg10=%s avg60=90.00 avg300=0.00 total=5\nfull avg10=99.00 avg60=0.00 avg300=0.00 total=0\n";
        boolean[] expected = {false, true, false, false, true, false};
        String[] avg10 = {"19.99", "20.00", "50.10", "3.00", "21.00", "21.00"};
        for (int i = 0; i < expected.length; i++) {
            Files.writeString(file, text.formatted(avg10[i]));
            assertEquals(expected[i], pressure.fires(), "reading " + i);
        }
        Files.delete(file);
        assertFalse(pressure.fires());
        assertEquals(-1, Pressure.someAvg10("some avg10=x avg60"));
    }
}
