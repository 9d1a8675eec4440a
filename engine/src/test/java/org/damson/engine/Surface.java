package org.damson.engine;

import java.lang.reflect.Constructor;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** Lists what callers of classes can see: types, what they extend, and their public and protected members, with constants' values. */
final class Surface {
    private Surface() {}

    static List<String> of(List<Class<?>> types) {
        List<String> lines = new ArrayList<>();
        for (Class<?> type : types) {
            if (isSeen(type)) {
                lines.add(headline(type));
                TreeSet<String> members = new TreeSet<>();
                for (Field f : type.getDeclaredFields()) {
                    if (isSeen(f.getModifiers())) {
                        members.add("  " + f.toGenericString().replace(type.getName() + ".", "") + value(f));
                    }
                }
                for (Constructor<?> c : type.getDeclaredConstructors()) {
                    if (isSeen(c.getModifiers())) {
                        members.add("  " + c.toGenericString());
                    }
                }
                for (Method m : type.getDeclaredMethods()) {
                    if (isSeen(m.getModifiers()) && !m.isSynthetic()) {
                        members.add("  " + m.toGenericString().replace(" " + type.getName() + ".", " "));
                    }
                }
                lines.addAll(members);
            }
        }
        return lines;
    }

    private static boolean isSeen(Class<?> type) {
        return isSeen(type.getModifiers()) && (type.getDeclaringClass() == null || isSeen(type.getDeclaringClass()));
    }

    private static boolean isSeen(int modifiers) {
        return Modifier.isPublic(modifiers) || Modifier.isProtected(modifiers);
    }

    private static String headline(Class<?> type) {
        String kind = type.isInterface() ? "interface" : type.isRecord() ? "record" : type.isEnum() ? "enum" : "class";
        boolean isFinal = kind.equals("class") && Modifier.isFinal(type.getModifiers());
        Type above = type.getGenericSuperclass();
        List<String> parents = new ArrayList<>();
        if (kind.equals("class") && above != Object.class) {
            parents.add(above.getTypeName());
        }
        Arrays.stream(type.getGenericInterfaces()).map(Type::getTypeName).forEach(parents::add);
        String components = !type.isRecord()
                ? ""
                : Arrays.stream(type.getRecordComponents())
                        .map(c -> c.getGenericType().getTypeName() + " " + c.getName())
                        .collect(Collectors.joining(", ", "(", ")"));
        return (isFinal ? "final " : "") + kind + " " + type.getName() + components
                + (parents.isEmpty() ? "" : parents.stream().collect(Collectors.joining(", ", " extends ", "")));
    }

    /** Compilers copy constants into callers. */
    private static String value(Field f) {
        boolean isConstant = Modifier.isStatic(f.getModifiers())
                && Modifier.isFinal(f.getModifiers())
                && (f.getType().isPrimitive() || f.getType() == String.class);
        if (!isConstant) {
            return "";
        }
        try {
            f.setAccessible(true);
            return " = " + f.get(null);
        } catch (IllegalAccessException e) {
            throw new IllegalStateException(e);
        }
    }
}
