package org.damson.cli.whatif;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.openqa.selenium.WebDriverException;
import org.openqa.selenium.json.Json;
import org.openqa.selenium.remote.Command;
import org.openqa.selenium.remote.CommandExecutor;
import org.openqa.selenium.remote.DriverCommand;
import org.openqa.selenium.remote.Response;
import org.openqa.selenium.remote.SessionId;
import org.openqa.selenium.remote.codec.w3c.W3CHttpCommandCodec;
import org.openqa.selenium.remote.http.HttpRequest;

/**
 * Carries WebDriver's commands to Firefox over its own socket: lengths and JSON, {@code 2:[]}. Distributions have no geckodriver, which
 * does nothing else.
 */
final class Marionette implements CommandExecutor {
    private record Route(Pattern request, String command, List<String> names) {}

    /** What of WebDriver the tests use. */
    private static final List<Route> ROUTES = List.of(
            route("POST /url", "WebDriver:Navigate"),
            route("GET /url", "WebDriver:GetCurrentURL"),
            route("POST /timeouts", "WebDriver:SetTimeouts"),
            route("POST /execute/sync", "WebDriver:ExecuteScript"),
            route("POST /execute/async", "WebDriver:ExecuteAsyncScript"),
            route("POST /element", "WebDriver:FindElement"),
            route("POST /elements", "WebDriver:FindElements"),
            route("GET /element/active", "WebDriver:GetActiveElement"),
            route("POST /element/([^/]+)/element", "WebDriver:FindElement", "element"),
            route("POST /element/([^/]+)/elements", "WebDriver:FindElements", "element"),
            route("POST /element/([^/]+)/click", "WebDriver:ElementClick", "id"),
            route("POST /element/([^/]+)/value", "WebDriver:ElementSendKeys", "id"),
            route("GET /element/([^/]+)/text", "WebDriver:GetElementText", "id"),
            route("GET /element/([^/]+)/rect", "WebDriver:GetElementRect", "id"),
            route("GET /element/([^/]+)/enabled", "WebDriver:IsElementEnabled", "id"),
            route("GET /element/([^/]+)/attribute/([^/]+)", "WebDriver:GetElementAttribute", "id", "name"),
            route("POST /actions", "WebDriver:PerformActions"),
            route("DELETE /actions", "WebDriver:ReleaseActions"),
            route("GET /window/rect", "WebDriver:GetWindowRect"),
            route("POST /window/rect", "WebDriver:SetWindowRect"),
            route("GET /screenshot", "WebDriver:TakeScreenshot"),
            route("DELETE ", "Marionette:Quit"));

    private final W3CHttpCommandCodec codec = new W3CHttpCommandCodec();
    private final Json json = new Json();
    private final Socket socket;
    private final InputStream in;
    private int number;

    private static Route route(String request, String command, String... names) {
        return new Route(Pattern.compile(request), command, List.of(names));
    }

    /** Connects to a browser that listens. */
    Marionette(int port) throws IOException {
        socket = new Socket(InetAddress.getLoopbackAddress(), port);
        socket.setSoTimeout(60_000);
        in = socket.getInputStream();
        frame(); // who it is
    }

    @Override
    public Response execute(Command command) throws IOException {
        if (command.getName().equals(DriverCommand.NEW_SESSION)) {
            Map<?, ?> session = (Map<?, ?>) send("WebDriver:NewSession", Map.of());
            Response response =
                    new Response(new SessionId(session.get("sessionId").toString()));
            return succeeded(response, session.get("capabilities"));
        }
        HttpRequest request = codec.encode(command);
        String words = request.getMethod() + " " + request.getUri().replaceFirst("^/session/[^/]+", "");
        for (Route route : ROUTES) {
            Matcher m = route.request.matcher(words);
            if (m.matches()) {
                String body = request.contentAsString();
                Map<String, Object> parameters = new LinkedHashMap<>();
                if (!body.isBlank()) {
                    parameters.putAll(json.<Map<String, Object>>toType(body, Json.MAP_TYPE));
                }
                for (int i = 0; i < route.names.size(); i++) {
                    parameters.put(route.names.get(i), m.group(i + 1));
                }
                return succeeded(new Response(command.getSessionId()), send(route.command, parameters));
            }
        }
        throw new WebDriverException(words + " is not among the commands that tests use");
    }

    private static Response succeeded(Response response, Object value) {
        response.setState("success");
        response.setValue(value);
        return response;
    }

    /** A command of Marionette's own or of WebDriver. */
    Object send(String command, Map<String, ?> parameters) throws IOException {
        byte[] text = json.toJson(List.of(0, ++number, command, parameters)).getBytes(StandardCharsets.UTF_8);
        ByteArrayOutputStream message = new ByteArrayOutputStream();
        message.write((text.length + ":").getBytes(StandardCharsets.US_ASCII));
        message.write(text);
        message.writeTo(socket.getOutputStream());
        List<?> answer = json.toType(frame(), Object.class);
        if (answer.get(2) != null) {
            throw new WebDriverException(command + ": " + answer.get(2));
        }
        Object result = answer.get(3);
        boolean isValue = result instanceof Map<?, ?> map && map.size() == 1 && map.containsKey("value");
        return isValue ? ((Map<?, ?>) result).get("value") : result;
    }

    private String frame() throws IOException {
        int length = 0;
        for (int c; (c = in.read()) != ':'; ) {
            if (c < '0' || c > '9') {
                throw new IOException("the browser has gone");
            }
            length = 10 * length + c - '0';
        }
        return new String(in.readNBytes(length), StandardCharsets.UTF_8);
    }
}
