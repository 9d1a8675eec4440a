package org.damson.damon;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.damson.model.InvalidInputException;
import org.damson.model.TraceFormatException;

/**
 * Layout of one trace event, from its {@code format} file.
 *
 * @param name name of the event
 * @param id what {@code common_type} of its records holds
 * @param fields all fields, common ones included
 */
public record EventFormat(String name, int id, List<Field> fields) {
    /**
     * One field.
     *
     * @param name its name
     * @param offset bytes from the start of the record
     * @param size bytes; of an array elsewhere in the record, those of its place
     * @param signed whether it is
     * @param type as in C, in brackets at its end how many elements an array has
     */
    public record Field(String name, int offset, int size, boolean signed, String type) {
        /** Whether it is a single number, which {@link #read} reads, and not an array or a text. */
        public boolean isNumber() {
            return size > 0 && size <= 8 && Integer.bitCount(size) == 1 && !type.endsWith("]");
        }

        /** The value in a record that starts at {@code record} of {@code page}; the record must be long enough. */
        public long read(ByteBuffer page, int record) {
            int at = record + offset;
            return switch (size) {
                case 1 -> signed ? page.get(at) : page.get(at) & 0xff;
                case 2 -> signed ? page.getShort(at) : page.getShort(at) & 0xffff;
                case 4 -> signed ? page.getInt(at) : page.getInt(at) & 0xffffffffL;
                default -> page.getLong(at);
            };
        }

        public int end() {
            return offset + size;
        }
    }

    private static final Pattern FIELD = Pattern.compile(
            "\\s*field:\\s*(.*?)(\\w+)(\\[[^\\]]*\\])?;\\s*offset:(\\d+);\\s*size:(\\d+);\\s*(?:signed:(\\d);)?.*");
    private static final int MAX_OFFSET = 1 << 16;

    /**
     * Reads a format.
     *
     * @param where names the file in errors
     */
    public static EventFormat parse(String where, String text) throws TraceFormatException {
        String name = null;
        int id = -1;
        List<Field> fields = new ArrayList<>();
        int number = 0;
        for (String line : text.split("\n")) {
            number++;
            try {
                if (line.startsWith("name:")) {
                    name = line.substring(5).trim();
                } else if (line.startsWith("ID:")) {
                    id = Integer.parseInt(line.substring(3).trim());
                } else if (line.strip().startsWith("field:")) {
                    fields.add(field(line));
                }
            } catch (InvalidInputException | NumberFormatException e) {
                throw new TraceFormatException(where, "line " + number, "no event format: " + e.getMessage());
            }
        }
        if (name == null || id < 0) {
            throw new TraceFormatException(where, "", "an event format has a name and an ID");
        }
        return new EventFormat(name, id, List.copyOf(fields));
    }

    static Field field(String line) {
        Matcher m = FIELD.matcher(line);
        if (!m.matches()) {
            throw new InvalidInputException("field not understood: " + line.strip());
        }
        int offset = Integer.parseInt(m.group(4));
        int size = Integer.parseInt(m.group(5));
        if (offset > MAX_OFFSET || size > MAX_OFFSET) {
            throw new InvalidInputException("field out of bounds: " + line.strip());
        }
        String array = m.group(3) == null ? "" : m.group(3);
        return new Field(
                m.group(2), offset, size, "1".equals(m.group(6)), m.group(1).strip() + array);
    }

    /** The field of one of these names, the first that is there; null if there is none. */
    public Field find(String... names) {
        for (String wanted : names) {
            for (Field field : fields) {
                if (field.name().equals(wanted)) {
                    return field;
                }
            }
        }
        return null;
    }

    /** Shortest record that holds all fields. */
    public int minLength() {
        return fields.stream().mapToInt(Field::end).max().orElse(0);
    }
}
