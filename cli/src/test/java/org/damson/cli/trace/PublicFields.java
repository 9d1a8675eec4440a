package org.damson.cli.trace;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.DescriptorProtos.DescriptorProto;
import com.google.protobuf.DescriptorProtos.EnumDescriptorProto;
import com.google.protobuf.DescriptorProtos.EnumValueDescriptorProto;
import com.google.protobuf.DescriptorProtos.FieldDescriptorProto;
import com.google.protobuf.DescriptorProtos.FieldDescriptorProto.Label;
import com.google.protobuf.DescriptorProtos.FieldDescriptorProto.Type;
import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FileDescriptor;
import com.google.protobuf.DynamicMessage;
import com.google.protobuf.Message;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * Messages of Protocol Buffers by the numbers and types of their fields in a public schema, decoded by the protobuf library. A field of
 * another number, or of another type on the wire, is unknown to it.
 */
final class PublicFields {
    private static final Set<String> SCALARS =
            Set.of("uint32", "int32", "uint64", "int64", "bool", "string", "bytes", "double");

    private final FileDescriptor file;

    private PublicFields(FileDescriptor file) {
        this.file = file;
    }

    /** @param resource beside this class: what {@code testing/schema-fields.py} compares with the schema */
    static PublicFields of(String resource) throws Exception {
        List<String> lines;
        try (InputStream in = PublicFields.class.getResourceAsStream(resource)) {
            lines = new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .toList();
        }
        FileDescriptorProto.Builder file =
                FileDescriptorProto.newBuilder().setName(resource).setPackage("listed");
        for (String line : lines) {
            String[] words = line.split(" ");
            switch (words[0]) {
                case "#", "" -> {}
                case "syntax" -> file.setSyntax(words[1]);
                case "message" ->
                    file.addMessageType(DescriptorProto.newBuilder().setName(flat(words[1])));
                case "enum" -> file.addEnumType(values(words));
                default ->
                    file.getMessageTypeBuilder(file.getMessageTypeCount() - 1).addField(field(words, lines));
            }
        }
        return new PublicFields(FileDescriptor.buildFrom(file.build(), new FileDescriptor[0]));
    }

    private static String flat(String name) {
        return name.replace('.', '_');
    }

    private static EnumDescriptorProto values(String[] words) {
        EnumDescriptorProto.Builder values = EnumDescriptorProto.newBuilder().setName(flat(words[1]));
        for (int w = 2; w < words.length; w++) {
            values.addValue(EnumValueDescriptorProto.newBuilder()
                    .setName(flat(words[1]) + "_" + words[w])
                    .setNumber(Integer.parseInt(words[w])));
        }
        return values.build();
    }

    private static FieldDescriptorProto field(String[] words, List<String> lines) {
        boolean isRepeated = words[2].endsWith("*");
        String type = words[2].replace("*", "");
        FieldDescriptorProto.Builder field = FieldDescriptorProto.newBuilder()
                .setNumber(Integer.parseInt(words[0]))
                .setName(words[1])
                .setLabel(isRepeated ? Label.LABEL_REPEATED : Label.LABEL_OPTIONAL);
        if (SCALARS.contains(type)) {
            return field.setType(Type.valueOf("TYPE_" + type.toUpperCase(Locale.ROOT)))
                    .build();
        }
        boolean isEnum = lines.stream().anyMatch(l -> l.startsWith("enum " + type + " "));
        return field.setType(isEnum ? Type.TYPE_ENUM : Type.TYPE_MESSAGE)
                .setTypeName(".listed." + flat(type))
                .build();
    }

    /** Decodes a message, and asserts that all of it is in the schema. */
    Message decode(String type, byte[] bytes) throws IOException {
        Descriptor descriptor = file.findMessageTypeByName(type);
        Message message = DynamicMessage.parseFrom(descriptor, bytes);
        assertKnown(message, type);
        return message;
    }

    private static void assertKnown(Message message, String path) {
        assertTrue(
                message.getUnknownFields().asMap().isEmpty(),
                () -> path + " has fields that the schema does not: " + message.getUnknownFields());
        message.getAllFields().forEach((field, value) -> {
            String at = path + "." + field.getName();
            switch (field.getJavaType()) {
                case MESSAGE -> all(value).forEach(m -> assertKnown((Message) m, at));
                case STRING -> all(value).forEach(s -> assertTrue(!((String) s).contains("\ufffd"), at + ": " + s));
                default -> {}
            }
        });
    }

    private static List<?> all(Object value) {
        return value instanceof List<?> list ? list : List.of(value);
    }

    /** The values of a field, however many it has. */
    static List<?> values(Message message, String field) {
        Object value = message.getField(message.getDescriptorForType().findFieldByName(field));
        return all(value);
    }

    static long number(Message message, String field) {
        return ((Number) message.getField(message.getDescriptorForType().findFieldByName(field))).longValue();
    }
}
