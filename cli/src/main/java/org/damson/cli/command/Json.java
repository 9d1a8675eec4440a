package org.damson.cli.command;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.Map;

/** Writes maps, lists, numbers and texts as JSON: each value on one line, as all reports do. */
public final class Json {
    /** JSON that somebody else wrote. */
    public record Raw(String json) {}

    private Json() {}

    /** One value on a line of its own. */
    public static void write(Object value, OutputStream out) throws IOException {
        try (JsonGenerator g =
                new JsonFactory().createGenerator(out).disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET)) {
            put(g, value);
            g.writeRaw('\n');
        }
    }

    /**
     * An object with one more key in front.
     *
     * @param object as {@link #write} writes it, not empty
     */
    public static Raw with(String key, String value, String object) throws IOException {
        ByteArrayOutputStream front = new ByteArrayOutputStream();
        write(Map.of(key, value), front);
        return new Raw(front.toString(StandardCharsets.UTF_8).stripTrailing().replaceFirst("}$", ",")
                + object.strip().substring(1));
    }

    private static void put(JsonGenerator g, Object value) throws IOException {
        if (value == null) {
            g.writeNull();
        } else if (value instanceof Map<?, ?> map) {
            g.writeStartObject();
            for (Map.Entry<?, ?> entry : map.entrySet()) {
                g.writeFieldName(String.valueOf(entry.getKey()));
                put(g, entry.getValue());
            }
            g.writeEndObject();
        } else if (value instanceof Collection<?> list) {
            g.writeStartArray();
            for (Object element : list) {
                put(g, element);
            }
            g.writeEndArray();
        } else if (value instanceof Raw raw) {
            g.writeRawValue(raw.json());
        } else if (value instanceof Boolean b) {
            g.writeBoolean(b);
        } else if (value instanceof Double d) {
            if (d.isNaN() || d.isInfinite()) {
                g.writeNull();
            } else {
                g.writeNumber(d);
            }
        } else if (value instanceof BigInteger big) {
            g.writeNumber(big);
        } else if (value instanceof BigDecimal big) {
            g.writeNumber(big);
        } else if (value instanceof Long || value instanceof Integer || value instanceof Short) {
            g.writeNumber(((Number) value).longValue());
        } else {
            g.writeString(String.valueOf(value));
        }
    }
}
