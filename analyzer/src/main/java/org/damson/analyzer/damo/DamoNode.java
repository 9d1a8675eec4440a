package org.damson.analyzer.damo;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A value of the JSON that damo stores: an object, a list, a text (numbers keep their digits) or nothing. */
final class DamoNode implements Iterable<DamoNode> {
    static final DamoNode NOTHING = new DamoNode(null);
    private static final JsonFactory FACTORY = JsonFactory.builder()
            .streamReadConstraints(
                    StreamReadConstraints.builder().maxNestingDepth(64).build())
            .build();

    private final Object value;

    private DamoNode(Object value) {
        this.value = value;
    }

    /**
     * Nothing, if the text is empty.
     *
     * @throws IllegalArgumentException if the text is not one JSON value
     */
    static DamoNode parse(String json) {
        if (json.isEmpty()) {
            return NOTHING;
        }
        try (JsonParser p = FACTORY.createParser(json)) {
            p.nextToken();
            DamoNode node = read(p);
            if (p.nextToken() != null) {
                throw new IllegalArgumentException("more than one JSON value");
            }
            return node;
        } catch (IOException e) {
            throw new IllegalArgumentException("not JSON", e);
        }
    }

    private static DamoNode read(JsonParser p) throws IOException {
        JsonToken token = p.currentToken();
        if (token == null) {
            throw new IllegalArgumentException("JSON ends early");
        }
        switch (token) {
            case START_OBJECT:
                Map<String, DamoNode> object = new LinkedHashMap<>();
                while (p.nextToken() == JsonToken.FIELD_NAME) {
                    String name = p.currentName();
                    p.nextToken();
                    object.put(name, read(p));
                }
                return new DamoNode(object);
            case START_ARRAY:
                List<DamoNode> list = new ArrayList<>();
                while (p.nextToken() != JsonToken.END_ARRAY) {
                    list.add(read(p));
                }
                return new DamoNode(list);
            case VALUE_NULL:
                return NOTHING;
            default:
                return new DamoNode(p.getText());
        }
    }

    boolean isObject() {
        return value instanceof Map;
    }

    boolean isList() {
        return value instanceof List;
    }

    /** Whether this is there and not null. */
    boolean isThere() {
        return value != null;
    }

    /** The member of that name; nothing if this is no object or has none. */
    DamoNode get(String name) {
        return value instanceof Map<?, ?> m && m.get(name) instanceof DamoNode n ? n : NOTHING;
    }

    /** The element; nothing if this is no list or shorter. */
    DamoNode get(int index) {
        return value instanceof List<?> l && index < l.size() ? (DamoNode) l.get(index) : NOTHING;
    }

    /** The text, number or truth value as written; empty for anything else. */
    String text() {
        return text("");
    }

    String text(String otherwise) {
        return value instanceof String s ? s : otherwise;
    }

    boolean isTrue() {
        return "true".equals(value);
    }

    @Override
    public Iterator<DamoNode> iterator() {
        List<DamoNode> elements = new ArrayList<>();
        if (value instanceof List<?> l) {
            l.forEach(e -> elements.add((DamoNode) e));
        }
        return elements.iterator();
    }
}
