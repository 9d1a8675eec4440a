package org.damson.recorder.system;

import com.sun.net.httpserver.HttpServer;
import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.DoubleSupplier;
import org.damson.model.MissingCapabilityException;

/** Numbers about a running recording in Prometheus' text format: in a file for a collector, and on a loopback port. */
public final class Metrics implements Closeable {
    private record Metric(String type, String help, DoubleSupplier value) {}

    private final Map<String, Metric> metrics = new LinkedHashMap<>();
    private HttpServer server;
    private ExecutorService requests;

    /** Adds a number that only grows. */
    public void counter(String name, String help, DoubleSupplier value) {
        metrics.put(name, new Metric("counter", help, value));
    }

    public void gauge(String name, String help, DoubleSupplier value) {
        metrics.put(name, new Metric("gauge", help, value));
    }

    /** Metrics of every process: its CPU time and memory. */
    public void addProcess() {
        counter("damson_cpu_seconds_total", "User and system time of damson itself.", () -> ownCpuNs() / 1e9);
        gauge("damson_resident_bytes", "Resident memory of damson itself.", Metrics::residentBytes);
    }

    public static long ownCpuNs() {
        return ManagementFactory.getOperatingSystemMXBean() instanceof com.sun.management.OperatingSystemMXBean os
                ? os.getProcessCpuTime()
                : 0;
    }

    private static long residentBytes() {
        for (String line : Proc.text(Path.of("/proc/self/status")).split("\n")) {
            if (line.startsWith("VmRSS:")) {
                return Long.parseLong(line.replaceAll("\\D", "")) * 1024;
            }
        }
        return 0;
    }

    String text() {
        StringBuilder out = new StringBuilder();
        metrics.forEach((name, m) -> {
            double v = m.value.getAsDouble();
            if (Double.isNaN(v)) {
                return; // nobody knows, or not yet
            }
            out.append("# HELP ").append(name).append(' ').append(m.help).append('\n');
            out.append("# TYPE ").append(name).append(' ').append(m.type).append('\n');
            String number = v == Math.rint(v) && Math.abs(v) < 1e15
                    ? Long.toString((long) v)
                    : String.format(Locale.ROOT, "%.9f", v);
            out.append(name).append(' ').append(number).append('\n');
        });
        return out.toString();
    }

    /** Replaces a file in one step. 0644, unlike all else damson writes: collectors run as another user. */
    public void writeTo(Path file) throws IOException {
        Path part = file.resolveSibling(file.getFileName() + ".part");
        Files.deleteIfExists(part);
        try (OutputStream out = java.nio.channels.Channels.newOutputStream(Files.newByteChannel(
                part,
                Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-r--r--"))))) {
            out.write(text().getBytes(StandardCharsets.UTF_8));
        }
        Files.move(part, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    /** Refuses a port that is taken, before anything is recorded. */
    public static void requireFree(int port) throws IOException {
        HttpServer tried = bound(port);
        tried.start();
        tried.stop(0);
    }

    private static HttpServer bound(int port) throws IOException {
        try {
            return HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 4);
        } catch (SocketException e) {
            throw new MissingCapabilityException("--metrics-port " + port + ": " + e.getMessage(), e);
        }
    }

    /**
     * Serves {@code /metrics} on the loopback interface only.
     *
     * @param port 0 = any
     * @return the port
     * @throws MissingCapabilityException if the port is taken, or not for this user
     */
    public int serve(int port) throws IOException {
        server = bound(port);
        requests = Executors.newSingleThreadExecutor(r -> {
            Thread t = new Thread(r, "damson-metrics");
            t.setDaemon(true);
            return t;
        });
        server.setExecutor(requests);
        server.createContext("/", exchange -> {
            try (exchange) {
                boolean known = exchange.getRequestURI().getPath().equals("/metrics");
                boolean get = exchange.getRequestMethod().equals("GET");
                byte[] body = known && get ? text().getBytes(StandardCharsets.UTF_8) : new byte[0];
                exchange.getResponseHeaders().set("Content-Type", "text/plain; version=0.0.4; charset=utf-8");
                exchange.sendResponseHeaders(known ? get ? 200 : 405 : 404, body.length == 0 ? -1 : body.length);
                exchange.getResponseBody().write(body);
            }
        });
        server.start();
        return server.getAddress().getPort();
    }

    @Override
    public void close() {
        if (server != null) {
            server.stop(0);
            requests.shutdownNow();
        }
    }
}
