package org.damson.damon.scheme;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import java.io.IOException;
import java.io.StringReader;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.damson.model.InvalidInputException;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;
import org.yaml.snakeyaml.nodes.Tag;

/**
 * A value of the JSON or YAML that damo stores: an object, a list, a text (numbers keep their digits) or nothing. What does
 * not fit the kind of a value is answered with nothing, so that callers need not check the kind first.
 */
public final class DamoNode implements Iterable<DamoNode> {
    /** A missing value, or null. */
    public static final DamoNode NOTHING = new DamoNode(null);

    private static final int MAX_DEPTH = 64;

    /** Limit on nesting: the parser needs hundreds of bytes for each open bracket. */
    private static final int MAX_YAML_CHARS = 1 << 17;

    private static final JsonFactory FACTORY = JsonFactory.builder()
            .streamReadConstraints(
                    StreamReadConstraints.builder().maxNestingDepth(MAX_DEPTH).build())
            .build();

    private final Object value;

    private DamoNode(Object value) {
        this.value = value;
    }

    /**
     * Nothing, if the text is empty.
     *
     * @throws InvalidInputException if the text is not one JSON value
     */
    public static DamoNode parse(String json) {
        if (json.isEmpty()) {
            return NOTHING;
        }
        try (JsonParser p = FACTORY.createParser(json)) {
            p.nextToken();
            DamoNode node = read(p);
            if (p.nextToken() != null) {
                throw new InvalidInputException("more than one JSON value");
            }
            return node;
        } catch (IOException e) {
            throw new InvalidInputException("not JSON: " + firstLine(e), e);
        }
    }

    /**
     * Reads a document that people write: JSON if it begins with a bracket, otherwise YAML.
     *
     * @throws InvalidInputException if it is neither
     */
    public static DamoNode document(String text) {
        String t = text.strip();
        return t.startsWith("[") || t.startsWith("{") ? parse(t) : yaml(t);
    }

    private static DamoNode yaml(String text) {
        if (text.length() > MAX_YAML_CHARS) {
            throw new InvalidInputException("YAML of more than " + MAX_YAML_CHARS + " characters; JSON may have more");
        }
        LoaderOptions options = new LoaderOptions();
        // A list that is named again could hold itself, or be a thousand lists in a few lines.
        options.setMaxAliasesForCollections(0);
        options.setNestingDepthLimit(MAX_DEPTH);
        options.setCodePointLimit(text.length());
        try {
            Node root = new Yaml(new SafeConstructor(options)).compose(new StringReader(text));
            return root == null ? NOTHING : read(root);
        } catch (YAMLException e) {
            throw new InvalidInputException("not YAML: " + firstLine(e), e);
        }
    }

    private static String firstLine(Exception e) {
        return String.valueOf(e.getMessage()).lines().findFirst().orElse("");
    }

    private static DamoNode read(JsonParser p) throws IOException {
        JsonToken token = p.currentToken();
        if (token == null) {
            throw new InvalidInputException("JSON ends early");
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

    private static DamoNode read(Node node) {
        if (node instanceof MappingNode mapping) {
            Map<String, DamoNode> object = new LinkedHashMap<>();
            for (NodeTuple entry : mapping.getValue()) {
                if (!(entry.getKeyNode() instanceof ScalarNode key)) {
                    throw new InvalidInputException("not YAML of damo: a key is not a string");
                }
                if (object.put(key.getValue(), read(entry.getValueNode())) != null) {
                    throw new InvalidInputException("not YAML: key '" + key.getValue() + "' is there twice");
                }
            }
            return new DamoNode(object);
        }
        if (node instanceof SequenceNode sequence) {
            List<DamoNode> list = new ArrayList<>();
            for (Node element : sequence.getValue()) {
                list.add(read(element));
            }
            return new DamoNode(list);
        }
        return node.getTag().equals(Tag.NULL) ? NOTHING : new DamoNode(((ScalarNode) node).getValue());
    }

    /** Whether this is an object. */
    public boolean isObject() {
        return value instanceof Map;
    }

    /** Whether this is a list. */
    public boolean isList() {
        return value instanceof List;
    }

    /** Whether this exists and is not null. */
    public boolean isThere() {
        return value != null;
    }

    /** The names of an object's members in order; empty for anything else. */
    @SuppressWarnings("unchecked")
    public Set<String> names() {
        return value instanceof Map<?, ?> m ? (Set<String>) m.keySet() : Set.of();
    }

    /** The member of this name; a missing value if there is none. */
    public DamoNode get(String name) {
        return value instanceof Map<?, ?> m && m.get(name) instanceof DamoNode n ? n : NOTHING;
    }

    /** The element at this index; a missing value if there is none. */
    public DamoNode get(int index) {
        return value instanceof List<?> l && index < l.size() ? (DamoNode) l.get(index) : NOTHING;
    }

    /** The length of a list; 0 for anything else. */
    public int size() {
        return value instanceof List<?> l ? l.size() : 0;
    }

    /** The text, number or boolean as written; empty for anything else. */
    public String text() {
        return text("");
    }

    /** The text as written, or {@code otherwise} for anything else. */
    public String text(String otherwise) {
        return value instanceof String s ? s : otherwise;
    }

    /** Whether this is the boolean {@code true}. */
    public boolean isTrue() {
        return "true".equals(value);
    }

    /** A short form for messages. */
    @Override
    public String toString() {
        return isObject() ? "an object" : isList() ? "a list" : isThere() ? "'" + value + "'" : "nothing";
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
