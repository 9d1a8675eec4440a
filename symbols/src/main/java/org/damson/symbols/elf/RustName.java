package org.damson.symbols.elf;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Names of Rust: those of its old scheme, which looks like C++, and of the one that begins with {@code _R} (RFC 2603), without
 * hashes of crates. No library for it was found on Maven Central.
 */
final class RustName {
    private static final Pattern HASH = Pattern.compile("::h[0-9a-f]{16}$");
    private static final Pattern ESCAPE = Pattern.compile("\\$(SP|BP|RF|LT|GT|LP|RP|C|u[0-9a-f]{1,6})\\$");
    private static final int MAX_DEPTH = 200;
    private static final int MAX_NAME = 4000;
    private static final String[] BASIC = new String[26];

    static {
        String[] all =
                ("a=i8 b=bool c=char d=f64 e=str f=f32 h=u8 i=isize j=usize l=i32 m=u32 n=i128 o=u128 p=_ s=i16 t=u16 u=()"
                                + " v=... x=i64 y=u64 z=!")
                        .split(" ");
        for (String basic : all) {
            BASIC[basic.charAt(0) - 'a'] = basic.substring(2);
        }
    }

    /** The text is none, or one that expands beyond all bounds. */
    private static final class Malformed extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Malformed() {
            super(null, null, false, false);
        }
    }

    private final String in;
    private final StringBuilder out = new StringBuilder();
    private int at;
    private int depth;
    private boolean silent;

    private RustName(String in) {
        this.in = in;
    }

    /** A name that the C++ demangler made of one of the old scheme; any other as it is. */
    static String legacy(String name) {
        if (!HASH.matcher(name).find()) {
            return name;
        }
        String path = HASH.matcher(name).replaceFirst("").replaceAll("(^|::)_\\$", "$1\\$");
        return ESCAPE.matcher(path).replaceAll(RustName::unescaped).replace("..", "::");
    }

    private static String unescaped(java.util.regex.MatchResult m) {
        String code = m.group(1);
        String text =
                switch (code) {
                    case "SP" -> "@";
                    case "BP" -> "*";
                    case "RF" -> "&";
                    case "LT" -> "<";
                    case "GT" -> ">";
                    case "LP" -> "(";
                    case "RP" -> ")";
                    case "C" -> ",";
                    default -> {
                        int point = Integer.parseInt(code.substring(1), 16);
                        yield Character.isValidCodePoint(point) ? Character.toString(point) : m.group();
                    }
                };
        return Matcher.quoteReplacement(text);
    }

    /** The name of a symbol that begins with {@code _R}; null if it is none. */
    static String of(String symbol) {
        int dot = symbol.indexOf('.');
        String text = dot < 0 ? symbol.substring(2) : symbol.substring(2, dot);
        RustName name = new RustName(text);
        try {
            while (Character.isDigit(name.peek())) {
                name.at++;
            }
            name.path(true);
            return name.out.toString();
        } catch (Malformed e) {
            return null;
        }
    }

    private char peek() {
        return at < in.length() ? in.charAt(at) : 0;
    }

    private char next() {
        if (at >= in.length()) {
            throw new Malformed();
        }
        return in.charAt(at++);
    }

    private boolean take(char c) {
        boolean is = peek() == c;
        at += is ? 1 : 0;
        return is;
    }

    private void put(String text) {
        if (silent) {
            return;
        }
        if (out.length() + text.length() > MAX_NAME) {
            throw new Malformed();
        }
        out.append(text);
    }

    private void enter() {
        if (++depth > MAX_DEPTH) {
            throw new Malformed();
        }
    }

    private long base62() {
        if (take('_')) {
            return 0;
        }
        long value = 0;
        for (char c; (c = next()) != '_'; ) {
            int digit = Character.isDigit(c)
                    ? c - '0'
                    : c >= 'a' && c <= 'z' ? c - 'a' + 10 : c >= 'A' && c <= 'Z' ? c - 'A' + 36 : -1;
            if (digit < 0 || value > 1L << 40) {
                throw new Malformed();
            }
            value = value * 62 + digit;
        }
        return value + 1;
    }

    private long disambiguator(char mark) {
        return take(mark) ? base62() + 1 : 0;
    }

    private String identifier() {
        boolean isPunycode = take('u');
        int length = 0;
        if (!Character.isDigit(peek())) {
            throw new Malformed();
        }
        if (!take('0')) {
            while (Character.isDigit(peek()) && length < MAX_NAME) {
                length = 10 * length + next() - '0';
            }
        }
        take('_');
        if (length > in.length() - at) {
            throw new Malformed();
        }
        String name = in.substring(at, at += length);
        return isPunycode ? "punycode{" + name + "}" : name;
    }

    /** Target of a back reference, which must be before it. */
    private void back(Runnable part) {
        int here = at - 1;
        long to = base62();
        if (to >= here) {
            throw new Malformed();
        }
        if (silent) {
            return;
        }
        int after = at;
        at = (int) to;
        part.run();
        at = after;
    }

    private void path(boolean inValue) {
        enter();
        switch (next()) {
            case 'C' -> {
                disambiguator('s');
                put(identifier());
            }
            case 'M' -> {
                implementation();
                put("<");
                type();
                put(">");
            }
            case 'X' -> {
                implementation();
                qualified();
            }
            case 'Y' -> qualified();
            case 'N' -> nested(inValue);
            case 'I' -> {
                path(inValue);
                put(inValue ? "::<" : "<");
                list(this::generic);
                put(">");
            }
            case 'B' -> back(() -> path(inValue));
            default -> throw new Malformed();
        }
        depth--;
    }

    /** Where an implementation stands, which its name leaves out. */
    private void implementation() {
        boolean was = silent;
        silent = true;
        disambiguator('s');
        path(false);
        silent = was;
    }

    private void qualified() {
        put("<");
        type();
        put(" as ");
        path(false);
        put(">");
    }

    private void nested(boolean inValue) {
        char namespace = next();
        path(inValue);
        long number = disambiguator('s');
        String name = identifier();
        if (Character.isUpperCase(namespace)) {
            put("::{" + (namespace == 'C' ? "closure" : namespace == 'S' ? "shim" : String.valueOf(namespace)));
            put((name.isEmpty() ? "" : ":" + name) + "#" + number + "}");
        } else if (!name.isEmpty()) {
            put("::" + name);
        }
    }

    private void list(Runnable element) {
        for (boolean first = true; !take('E'); first = false) {
            if (!first) {
                put(", ");
            }
            element.run();
        }
    }

    private void generic() {
        if (take('L')) {
            base62();
            put("'_");
        } else if (take('K')) {
            constant();
        } else {
            type();
        }
    }

    private void type() {
        enter();
        char c = next();
        if (c >= 'a' && c <= 'z' && BASIC[c - 'a'] != null) {
            put(BASIC[c - 'a']);
        } else {
            compound(c);
        }
        depth--;
    }

    private void compound(char c) {
        switch (c) {
            case 'A', 'S' -> {
                put("[");
                type();
                if (c == 'A') {
                    put("; ");
                    constant();
                }
                put("]");
            }
            case 'T' -> {
                int before = at;
                put("(");
                list(this::type);
                put(at - before == 2 ? ",)" : ")");
            }
            case 'R', 'Q' -> {
                put(c == 'R' ? "&" : "&mut ");
                if (take('L')) {
                    base62();
                }
                type();
            }
            case 'P', 'O' -> {
                put(c == 'P' ? "*const " : "*mut ");
                type();
            }
            case 'F' -> function();
            case 'D' -> {
                disambiguator('G');
                put("dyn ");
                traits();
                if (!take('L')) {
                    throw new Malformed();
                }
                base62();
            }
            case 'B' -> back(this::type);
            default -> {
                at--;
                path(false);
            }
        }
    }

    private void function() {
        disambiguator('G');
        put(take('U') ? "unsafe " : "");
        if (take('K')) {
            put("extern \"" + (take('C') ? "C" : identifier().replace('_', '-')) + "\" ");
        }
        put("fn(");
        list(this::type);
        put(")");
        if (!take('u')) {
            put(" -> ");
            type();
        }
    }

    private void traits() {
        for (boolean first = true; !take('E'); first = false) {
            put(first ? "" : " + ");
            path(false);
            boolean open = false;
            for (; take('p'); open = true) {
                put((open ? ", " : "<") + identifier() + " = ");
                type();
            }
            put(open ? ">" : "");
        }
    }

    private void constant() {
        enter();
        if (take('p')) {
            put("_");
        } else if (take('B')) {
            back(this::constant);
        } else {
            char type = next();
            put(take('n') ? "-" : "");
            int from = at;
            while (next() != '_') {
                if (at - from > 64) {
                    throw new Malformed();
                }
            }
            put(value(type, in.substring(from, at - 1)));
        }
        depth--;
    }

    private static String value(char type, String digits) {
        String hex = digits.isEmpty() ? "0" : digits;
        if (!hex.matches("[0-9a-f]{1,64}")) {
            throw new Malformed();
        }
        if (type == 'b') {
            return hex.equals("0") ? "false" : "true";
        }
        return hex.length() <= 15 ? Long.toString(Long.parseLong(hex, 16)) : "0x" + hex;
    }
}
