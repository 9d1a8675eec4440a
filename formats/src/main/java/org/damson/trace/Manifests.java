package org.damson.trace;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.damson.model.InvalidInputException;
import org.damson.model.Manifest;
import org.damson.model.ManifestKeys;
import org.damson.model.MonitoringAttrs;
import org.damson.model.Table;
import org.damson.model.TraceFormatException;
import org.damson.trace.files.Sha256;

/** {@code manifest.json}: to text and back. */
public final class Manifests {
    static final String NAME = "manifest.json";

    /** A manifest larger than this is not one. */
    static final int MAX_BYTES = 16 << 20;

    private static final JsonFactory JSON = JsonFactory.builder()
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(50)
                    .maxStringLength(1 << 20)
                    .build())
            .build();

    /** For writing alone: to start it takes longer than most reports, so what reads does without. */
    private static final class Mapper {
        static final ObjectMapper JSON = JsonMapper.builder().build();
    }

    private static final Set<String> KNOWN = Set.of(
            "format_version",
            "tool_version",
            "state",
            "clock",
            "source",
            "flush_interval_ns",
            "monitoring_attrs",
            "host",
            "recording",
            "files",
            "digest");

    private static final Set<String> TABLES =
            Arrays.stream(Table.values()).map(Table::name).collect(Collectors.toUnmodifiableSet());

    private static final String BEFORE_DIGEST = ",\n\"digest\": \"";
    private static final String END = "\n}\n";

    private Manifests() {}

    public static byte[] write(Manifest m) throws IOException {
        assert ManifestKeys.undeclared(m).isEmpty() : "not declared: " + ManifestKeys.undeclared(m);
        ObjectNode root = Mapper.JSON.createObjectNode();
        root.put("format_version", Manifest.FORMAT_VERSION);
        root.put("tool_version", m.toolVersion);
        root.put("state", lower(m.state));
        ObjectNode clock = root.putObject("clock");
        clock.put("kind", lower(m.clock));
        clock.put("to_boot_ns", m.toBootNs);
        clock.put("to_epoch_ns", m.toEpochNs);
        root.put("source", m.source);
        root.put("flush_interval_ns", m.flushIntervalNs);
        ObjectNode attrs = root.putObject("monitoring_attrs");
        attrs.put("sample_us", m.attrs.sampleUs());
        attrs.put("aggr_us", m.attrs.aggrUs());
        attrs.put("update_us", m.attrs.updateUs());
        attrs.put("min_regions", m.attrs.minRegions());
        attrs.put("max_regions", m.attrs.maxRegions());
        attrs.put("intervals_origin", lower(m.attrs.origin()));
        root.set("host", Mapper.JSON.valueToTree(m.host));
        root.set("recording", Mapper.JSON.valueToTree(m.recording));
        m.extra.forEach((key, value) -> root.set(key, Mapper.JSON.valueToTree(value)));
        ArrayNode files = root.putArray("files");
        for (Manifest.FileEntry f : m.files) {
            ObjectNode file = files.addObject();
            file.put("name", f.name());
            file.put("table", f.table().fileStem());
            file.put("rows", f.rows());
            file.put("from_ns", f.fromNs());
            file.put("to_ns", f.toNs());
            file.put("sha256", f.sha256());
            file.put("size_bytes", f.sizeBytes());
        }
        return withDigest(lines(root));
    }

    /** Adds a last key, the SHA-256 of all bytes before it; what comes after them is then the same in every manifest. */
    static byte[] withDigest(String lines) {
        String before = lines.substring(0, lines.length() - END.length());
        byte[] covered = before.getBytes(StandardCharsets.UTF_8);
        return (before + BEFORE_DIGEST + Sha256.hex(covered, covered.length) + "\"" + END)
                .getBytes(StandardCharsets.UTF_8);
    }

    /** From version 2 on each byte is covered by the digest, or can have only one value. */
    private static void checkDigest(String name, byte[] text) throws IOException {
        int tail = BEFORE_DIGEST.length() + 64 + 1 + END.length();
        int covered = text.length - tail;
        String right = covered < 0 ? "" : BEFORE_DIGEST + Sha256.hex(text, covered) + "\"" + END;
        if (covered < 0 || !right.equals(new String(text, covered, tail, StandardCharsets.ISO_8859_1))) {
            throw new TraceFormatException(
                    name, "", "damaged, cut short or changed by hand: it does not match the digest at its end");
        }
    }

    /** A line for each key and each file: people read it, and of a short trace it is a tenth. */
    private static String lines(ObjectNode root) throws IOException {
        StringBuilder text = new StringBuilder();
        Iterator<Map.Entry<String, JsonNode>> fields = root.fields();
        String before = "{\n";
        while (fields.hasNext()) {
            Map.Entry<String, JsonNode> field = fields.next();
            text.append(before)
                    .append(Mapper.JSON.writeValueAsString(field.getKey()))
                    .append(": ");
            if (field.getValue().isArray()) {
                String separator = "[\n";
                for (JsonNode element : field.getValue()) {
                    text.append(separator).append(Mapper.JSON.writeValueAsString(element));
                    separator = ",\n";
                }
                text.append(field.getValue().isEmpty() ? "[]" : "]");
            } else {
                text.append(Mapper.JSON.writeValueAsString(field.getValue()));
            }
            before = ",\n";
        }
        return text.append("\n}\n").toString();
    }

    /** @throws TraceFormatException if the text is not a manifest or one of a newer version */
    static Manifest read(String name, byte[] text) throws IOException {
        try {
            Manifest m = parse(name, tree(text));
            if (m.formatVersion > 1) {
                checkDigest(name, text);
            }
            return m;
        } catch (TraceFormatException e) {
            throw e;
        } catch (JsonProcessingException e) {
            throw new TraceFormatException(name, "", "not JSON: " + e.getOriginalMessage(), e);
        } catch (IOException e) {
            throw new TraceFormatException(name, "", "not JSON: " + e.getMessage(), e);
        } catch (InvalidInputException e) {
            throw new TraceFormatException(name, "", "not a damson manifest: " + e.getMessage(), e);
        }
    }

    private static Manifest parse(String name, JsonNode root) throws IOException {
        if (root == null || !root.isObject() || !root.path("format_version").isInt()) {
            throw new TraceFormatException(name, "", "not a damson manifest: no format_version");
        }
        Manifest m = new Manifest();
        m.formatVersion = root.path("format_version").asInt();
        if (m.formatVersion > Manifest.FORMAT_VERSION || m.formatVersion < 1) {
            throw new TraceFormatException(
                    name,
                    "",
                    "format version " + m.formatVersion + "; this damson reads versions 1 to "
                            + Manifest.FORMAT_VERSION);
        }
        m.toolVersion = root.path("tool_version").asText();
        m.state = constant(Manifest.State.class, root, "state");
        m.clock = constant(Manifest.ClockKind.class, root.path("clock"), "kind");
        m.toBootNs = nullable(root.path("clock").path("to_boot_ns"));
        m.toEpochNs = nullable(root.path("clock").path("to_epoch_ns"));
        m.source = root.path("source").asText();
        m.flushIntervalNs = root.path("flush_interval_ns").asLong();
        JsonNode a = root.path("monitoring_attrs");
        m.attrs = new MonitoringAttrs(
                a.path("sample_us").asLong(),
                a.path("aggr_us").asLong(),
                a.path("update_us").asLong(),
                a.path("min_regions").asLong(),
                a.path("max_regions").asLong(),
                constant(MonitoringAttrs.IntervalsOrigin.class, a, "intervals_origin"));
        putAll(m.host, root.path("host"));
        putAll(m.recording, root.path("recording"));
        for (JsonNode f : root.path("files")) {
            String file = f.path("name").asText();
            if (!file.matches("[a-z_]+-[0-9]{6}\\.parquet")) {
                throw new TraceFormatException(name, "files", "illegal file name '" + file + "'");
            }
            String table = upper(f.path("table"));
            if (!TABLES.contains(table)) {
                m.unknownFiles.put(file, table.toLowerCase(Locale.ROOT));
                continue;
            }
            m.files.add(new Manifest.FileEntry(
                    file,
                    Table.valueOf(table),
                    f.path("rows").asLong(),
                    f.path("from_ns").asLong(),
                    f.path("to_ns").asLong(),
                    f.path("sha256").asText(),
                    f.path("size_bytes").asLong()));
        }
        Iterator<Map.Entry<String, JsonNode>> fields = root.fields();
        while (fields.hasNext()) {
            Map.Entry<String, JsonNode> field = fields.next();
            if (!KNOWN.contains(field.getKey())) {
                m.extra.put(field.getKey(), plain(field.getValue()));
            }
        }
        m.foreign.addAll(ManifestKeys.undeclared(m));
        return m;
    }

    private static <E extends Enum<E>> E constant(Class<E> type, JsonNode object, String key) {
        String name = upper(object.path(key));
        for (E constant : type.getEnumConstants()) {
            if (constant.name().equals(name)) {
                return constant;
            }
        }
        throw new InvalidInputException(
                "unknown " + key + " '" + object.path(key).asText() + "'");
    }

    private static void putAll(Map<String, Object> into, JsonNode object) {
        if (object.isObject()) {
            object.fields().forEachRemaining(field -> into.put(field.getKey(), plain(field.getValue())));
        }
    }

    /** The first value of a text; null if there is none. */
    private static JsonNode tree(byte[] text) throws IOException {
        try (JsonParser parser = JSON.createParser(text)) {
            return parser.nextToken() == null ? null : node(parser);
        }
    }

    /** The value that the parser is at. */
    private static JsonNode node(JsonParser parser) throws IOException {
        JsonNodeFactory nodes = JsonNodeFactory.instance;
        switch (parser.currentToken()) {
            case START_OBJECT -> {
                ObjectNode object = nodes.objectNode();
                while (parser.nextToken() != JsonToken.END_OBJECT) {
                    String key = parser.currentName();
                    parser.nextToken();
                    object.set(key, node(parser));
                }
                return object;
            }
            case START_ARRAY -> {
                ArrayNode array = nodes.arrayNode();
                while (parser.nextToken() != JsonToken.END_ARRAY) {
                    array.add(node(parser));
                }
                return array;
            }
            case VALUE_STRING -> {
                return nodes.textNode(parser.getText());
            }
            case VALUE_NUMBER_INT -> {
                return switch (parser.getNumberType()) {
                    case INT -> nodes.numberNode(parser.getIntValue());
                    case LONG -> nodes.numberNode(parser.getLongValue());
                    default -> nodes.numberNode(parser.getBigIntegerValue());
                };
            }
            case VALUE_NUMBER_FLOAT -> {
                return nodes.numberNode(parser.getDoubleValue());
            }
            case VALUE_TRUE, VALUE_FALSE -> {
                return nodes.booleanNode(parser.getBooleanValue());
            }
            default -> {
                return nodes.nullNode();
            }
        }
    }

    /** A value as maps, lists, texts, numbers, truth values and nulls. */
    private static Object plain(JsonNode node) {
        if (node.isObject()) {
            Map<String, Object> map = new LinkedHashMap<>();
            node.fields().forEachRemaining(field -> map.put(field.getKey(), plain(field.getValue())));
            return map;
        }
        if (node.isArray()) {
            List<Object> list = new ArrayList<>();
            node.forEach(element -> list.add(plain(element)));
            return list;
        }
        return node.isNull()
                ? null
                : node.isTextual()
                        ? node.textValue()
                        : node.isBoolean() ? node.booleanValue() : (Object) node.numberValue();
    }

    private static Long nullable(JsonNode node) {
        return node.isIntegralNumber() ? node.asLong() : null;
    }

    private static String lower(Enum<?> e) {
        return e.name().toLowerCase(Locale.ROOT);
    }

    private static String upper(JsonNode node) {
        return node.asText().toUpperCase(Locale.ROOT);
    }
}
