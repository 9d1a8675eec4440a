package org.damson.model.text;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Locale;

/**
 * Text that comes from the operating system and is to go back unchanged: arguments, command lines, names of files. The
 * kernel knows bytes; as a string they are UTF-8, and a byte {@code b} of 0x80 or more that is not part of UTF-8 is the
 * lone surrogate U+DC00 + b (as Python does it), so that no two byte strings are the same text.
 */
public final class NativeText {
    private static final int ESCAPE = 0xdc00;

    /** Java's replacement for bytes that it cannot decode. */
    private static final char REPLACED = '\ufffd';

    private NativeText() {}

    /** The bytes as text. */
    public static String decode(byte[] bytes) {
        CharsetDecoder decoder = StandardCharsets.UTF_8
                .newDecoder()
                .onMalformedInput(CodingErrorAction.REPORT)
                .onUnmappableCharacter(CodingErrorAction.REPORT);
        ByteBuffer in = ByteBuffer.wrap(bytes);
        CharBuffer out = CharBuffer.allocate(bytes.length);
        for (CoderResult r; (r = decoder.decode(in, out, true)).isError(); decoder.reset()) {
            for (int i = 0; i < r.length(); i++) {
                out.put((char) (ESCAPE + (in.get() & 0xff)));
            }
        }
        return out.flip().toString();
    }

    /** The bytes of a text that {@link #decode} made; of any other text, its UTF-8. */
    public static byte[] encode(String text) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(text.length() + 16);
        int from = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (isEscape(text, i)) {
                bytes.writeBytes(text.substring(from, i).getBytes(StandardCharsets.UTF_8));
                bytes.write(c - ESCAPE);
                from = i + 1;
            }
        }
        bytes.writeBytes(text.substring(from).getBytes(StandardCharsets.UTF_8));
        return bytes.toByteArray();
    }

    /**
     * The path of a name. {@link Path#of} refuses names with bytes that are no UTF-8, and in a process of another locale with
     * characters that this does not have; a URI takes any.
     *
     * @throws InvalidPathException if no file can have that name
     */
    public static Path path(String name) {
        if (name.isEmpty()) { // to Java the current directory, to the kernel nothing
            throw new InvalidPathException(name, "it is empty");
        }
        if (readable(name).equals(name)) {
            try {
                return Path.of(name);
            } catch (InvalidPathException e) {
                if (name.indexOf('\0') >= 0) {
                    throw e;
                }
            }
        }
        StringBuilder uri = new StringBuilder(name.startsWith("/") ? "file://" : here());
        for (byte b : encode(name)) {
            boolean plain = b == '/' || b == '.' || b >= '0' && b <= '9' || b >= 'a' && b <= 'z';
            uri.append(plain ? String.valueOf((char) b) : String.format(Locale.ROOT, "%%%02X", b));
        }
        return Path.of(URI.create(uri.toString()));
    }

    /** The name of a path, as {@link #path} takes it; that of the whole path if it has bytes that are no UTF-8. */
    public static String of(Path path) {
        String text = path.toString();
        if (text.indexOf(REPLACED) < 0) {
            return text;
        }
        String uri = path.toUri().getRawPath();
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(uri.length());
        for (int i = 0; i < uri.length(); i++) {
            boolean isEscaped = uri.charAt(i) == '%';
            bytes.write(isEscaped ? Integer.parseInt(uri, i + 1, i + 3, 16) : uri.charAt(i));
            i += isEscaped ? 2 : 0;
        }
        String name = decode(bytes.toByteArray());
        return name.endsWith("/") ? name.substring(0, name.length() - 1) : name; // of a directory
    }

    /** A variable of the environment that this process was started with, unchanged; null if it is not set. */
    public static String environment(String variable) {
        String text = System.getenv(variable);
        if (text == null || text.indexOf(REPLACED) < 0) {
            return text;
        }
        try {
            for (String entry :
                    decode(Files.readAllBytes(Path.of("/proc/self/environ"))).split("\0")) {
                if (entry.startsWith(variable + "=")) {
                    return entry.substring(variable.length() + 1);
                }
            }
        } catch (IOException e) {
            // as Java has it
        }
        return text;
    }

    private static String here() {
        String directory = Path.of("").toAbsolutePath().toUri().toString();
        return directory.endsWith("/") ? directory : directory + "/";
    }

    /** The text in characters that every format can hold: a byte that is not UTF-8 as {@code \xE4}. */
    public static String readable(String text) {
        if (text.chars().noneMatch(c -> Character.isSurrogate((char) c))) {
            return text;
        }
        StringBuilder b = new StringBuilder(text.length() + 16);
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (isEscape(text, i)) {
                b.append("\\x").append(Integer.toHexString(c - ESCAPE).toUpperCase(Locale.ROOT));
            } else {
                b.append(isLone(text, i) ? REPLACED : c);
            }
        }
        return b.toString();
    }

    /**
     * The arguments of this process as they were given. A Java virtual machine decodes them by the locale and loses what
     * that does not have; the kernel keeps the bytes.
     *
     * @param args what {@code main} was called with: the last words of this process's command line
     */
    public static String[] arguments(String[] args) {
        try {
            String[] all =
                    decode(Files.readAllBytes(Path.of("/proc/self/cmdline"))).split("\0", -1);
            int first = all.length - 1 - args.length; // the last word ends with a NUL too
            String[] exact = new String[args.length];
            for (int i = 0; i < args.length; i++) {
                exact[i] = all[first + i];
                if (isAscii(exact[i]) && !exact[i].equals(args[i])) {
                    return args; // not called by the launcher of a process
                }
            }
            return exact;
        } catch (IOException | RuntimeException e) {
            return args;
        }
    }

    private static boolean isAscii(String text) {
        return text.chars().allMatch(c -> c < 0x80);
    }

    private static boolean isEscape(String text, int i) {
        char c = text.charAt(i);
        return c >= ESCAPE + 0x80 && c <= ESCAPE + 0xff && isLone(text, i);
    }

    private static boolean isLone(String text, int i) {
        char c = text.charAt(i);
        if (Character.isLowSurrogate(c)) {
            return i == 0 || !Character.isHighSurrogate(text.charAt(i - 1));
        }
        return Character.isHighSurrogate(c)
                && (i + 1 == text.length() || !Character.isLowSurrogate(text.charAt(i + 1)));
    }
}
