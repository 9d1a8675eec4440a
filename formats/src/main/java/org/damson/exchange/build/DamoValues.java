package org.damson.exchange.build;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.util.RawValue;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import org.damson.model.InvalidInputException;
import org.damson.model.MonitoringAttrs;
import org.damson.model.Units;

/** How damo spells numbers in its JSON, and a reader of JSON values that bounds what one of them may be. */
public final class DamoValues {
    public static final JsonFactory JSON = JsonFactory.builder()
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(40)
                    .maxStringLength(1 << 20)
                    .maxNumberLength(64)
                    .build())
            .build();

    /** A snapshot of 65,530 mappings, the kernel's limit for a process, has four times as many; a record far fewer. */
    private static final int MAX_NODES = 1 << 20;

    /** 2^64. */
    private static final String END_OF_ADDRESSES = "18446744073709551616";

    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    /** A fraction as it is spelled. */
    private static final class Fraction extends RawValue {
        private final String spelled;

        Fraction(String spelled) {
            super(spelled);
            this.spelled = spelled;
        }

        @Override
        public String toString() {
            return spelled;
        }
    }

    private DamoValues() {}

    /** The value that the parser stands on. Fractions keep their spelling. */
    public static JsonNode tree(JsonParser p) throws IOException {
        return tree(p, new int[] {MAX_NODES});
    }

    /** The object of a text that {@link #tree} has read before. */
    public static ObjectNode object(String text) throws IOException {
        try (JsonParser p = JSON.createParser(text)) {
            if (p.nextToken() == JsonToken.START_OBJECT && tree(p) instanceof ObjectNode object) {
                return object;
            }
            throw new InvalidInputException("not an object");
        }
    }

    private static JsonNode tree(JsonParser p, int[] left) throws IOException {
        if (--left[0] < 0) {
            throw new InvalidInputException("one value of more than " + MAX_NODES + " parts");
        }
        switch (p.currentToken()) {
            case START_OBJECT -> {
                ObjectNode object = NODES.objectNode();
                while (p.nextToken() != JsonToken.END_OBJECT) {
                    String key = p.currentName();
                    p.nextToken();
                    object.set(key, tree(p, left));
                }
                return object;
            }
            case START_ARRAY -> {
                ArrayNode array = NODES.arrayNode();
                while (p.nextToken() != JsonToken.END_ARRAY) {
                    array.add(tree(p, left));
                }
                return array;
            }
            case VALUE_STRING -> {
                return NODES.textNode(p.getText());
            }
            case VALUE_NUMBER_INT -> {
                return NODES.numberNode(p.getBigIntegerValue());
            }
            case VALUE_NUMBER_FLOAT -> {
                return NODES.rawValueNode(new Fraction(p.getText()));
            }
            case VALUE_TRUE, VALUE_FALSE -> {
                return NODES.booleanNode(p.getBooleanValue());
            }
            default -> {
                return NODES.nullNode();
            }
        }
    }

    /** The text of a required value. */
    public static String text(JsonNode parent, String key) {
        JsonNode value = parent.path(key);
        if (value.isMissingNode() || value.isNull() || value.isContainerNode()) {
            throw new InvalidInputException("no " + key);
        }
        return value.isPojo() ? value.toString() : value.asText();
    }

    /** The elements of an array that has to be there. */
    static JsonNode array(JsonNode parent, String key) {
        JsonNode value = parent.path(key);
        if (!value.isArray()) {
            throw new InvalidInputException("no array " + key);
        }
        return value;
    }

    /** A number: commas between thousands, up to 2^64 - 1, or {@code max}. */
    public static long unsigned(String text) {
        if (text.equals("max")) {
            return -1;
        }
        BigInteger v;
        try {
            // Some tools write all numbers as fractions.
            v = new BigInteger(text.replace(",", "").replaceFirst("(?<=\\d)\\.0{1,20}$", ""));
        } catch (NumberFormatException e) {
            throw new InvalidInputException("'" + text + "' is not a number", e);
        }
        if (v.signum() < 0 || v.bitLength() > 64) {
            throw new InvalidInputException("'" + text + "' is not in 0..2^64-1");
        }
        return v.longValue();
    }

    /** A number that fits an int. */
    public static int count(String text) {
        long v = unsigned(text);
        if (v < 0 || v > Integer.MAX_VALUE) {
            throw new InvalidInputException("'" + text + "' is too large");
        }
        return (int) v;
    }

    /** A number of 32 bits without a sign, as the kernel counts. */
    public static long count32(String text) {
        long v = unsigned(text);
        if (v < 0 || v > 0xffff_ffffL) {
            throw new InvalidInputException("'" + text + "' is too large");
        }
        return v;
    }

    /** So many percent of a number, rounded down, as damo counts: {@code 12.5} or {@code 12.5 %}. */
    public static long shareOf(double most, String percent) {
        double share;
        try {
            share = Double.parseDouble(percent.replace("%", "").replace(",", "")) * most / 100;
        } catch (NumberFormatException e) {
            throw new InvalidInputException("'" + percent + "' is not a percentage", e);
        }
        if (!(share >= 0 && share <= 0xffff_ffffL)) {
            throw new InvalidInputException("'" + percent + "' percent is not a number of accesses");
        }
        return (long) share;
    }

    /** A number of bytes: with commas, or with a unit. */
    public static long bytes(String text) {
        return isNumber(text) || text.equals("max") ? unsigned(text) : Units.parseBytes(text.replace(",", ""));
    }

    /** Where a range of addresses ends; 0 for 2^64. */
    public static long end(String text) {
        return text.replace(",", "").equals(END_OF_ADDRESSES) ? 0 : bytes(text);
    }

    /** A time in microseconds: a bare number, or {@code 1 m 3 s 200 ms}. */
    public static long microseconds(String text) {
        return isNumber(text) ? unsigned(text) : wordsNs(text) / 1000;
    }

    /** A time in nanoseconds: a bare number, or {@code 11,574 d 1 h 46 m 40 s 100 ms} as damo prints JSON for people. */
    public static long timeNs(String text) {
        // A tool that counts with fractions writes some.
        String whole = text.matches("[0-9,]{1,26}\\.[0-9]{1,20}") ? text.substring(0, text.indexOf('.')) : text;
        return Character.isLetter(whole.isEmpty() ? '0' : whole.charAt(whole.length() - 1)) && !whole.equals("max")
                ? wordsNs(whole)
                : unsigned(whole);
    }

    private static long wordsNs(String text) {
        String[] words = text.trim().replace(",", "").split("\\s+");
        long sumNs = 0;
        for (int i = 0; i < words.length; i += 2) {
            String unit = i + 1 < words.length ? words[i + 1] : "";
            sumNs = Math.addExact(sumNs, Units.parseDurationNs(words[i] + unit));
        }
        return sumNs;
    }

    private static boolean isNumber(String text) {
        return !text.isEmpty() && text.chars().allMatch(c -> c >= '0' && c <= '9' || c == ',');
    }

    /** Seconds as a fraction, exactly, in nanoseconds. */
    static long nanoseconds(String seconds) {
        return new BigDecimal(seconds).movePointRight(9).toBigInteger().longValueExact();
    }

    /** The monitoring intervals of an object as records and kdamonds have it; the bounds are of kdamonds only. */
    public static MonitoringAttrs intervals(JsonNode node, JsonNode bounds) {
        return new MonitoringAttrs(
                microseconds(text(node, "sample_us")),
                microseconds(text(node, "aggr_us")),
                microseconds(text(node, "ops_update_us")),
                bounds.has("min") ? count(text(bounds, "min")) : 0,
                bounds.has("max") ? count(text(bounds, "max")) : 0,
                MonitoringAttrs.IntervalsOrigin.RECORDED);
    }
}
