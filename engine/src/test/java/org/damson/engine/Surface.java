package org.damson.engine;

import java.lang.reflect.Constructor;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Type;
import java.lang.reflect.TypeVariable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Lists what callers of classes can see: types, what they extend, and their public and protected members, with constants' values. */
final class Surface {
    private Surface() {}

    static List<String> of(List<Class<?>> types) {
        List<String> lines = new ArrayList<>();
        for (Class<?> type : types) {
            if (isSeen(type)) {
                lines.add(headline(type));
                TreeSet<String> members = new TreeSet<>();
                for (Constructor<?> c : type.getDeclaredConstructors()) {
                    if (isSeen(c.getModifiers())) {
                        members.add("  " + c.toGenericString());
                    }
                }
                addMembers(type, members);
                lines.addAll(members);
            }
        }
        return lines;
    }

    /** Fields and methods, also those of supertypes that callers do not see themselves. */
    private static void addMembers(Class<?> type, Set<String> members) {
        for (Field f : type.getDeclaredFields()) {
            if (isSeen(f.getModifiers())) {
                members.add("  " + f.toGenericString().replace(" " + type.getName() + ".", " ") + value(f));
            }
        }
        for (Method m : type.getDeclaredMethods()) {
            if (isSeen(m.getModifiers()) && !m.isSynthetic()) {
                members.add("  " + m.toGenericString().replace(" " + type.getName() + ".", " "));
            }
        }
        Stream.concat(Stream.ofNullable(type.getSuperclass()), Arrays.stream(type.getInterfaces()))
                .filter(above -> !isSeen(above))
                .forEach(above -> addMembers(above, members));
    }

    private static boolean isSeen(Class<?> type) {
        return isSeen(type.getModifiers()) && (type.getDeclaringClass() == null || isSeen(type.getDeclaringClass()));
    }

    private static boolean isSeen(int modifiers) {
        return Modifier.isPublic(modifiers) || Modifier.isProtected(modifiers);
    }

    private static String headline(Class<?> type) {
        String kind = type.isInterface() ? "interface" : type.isRecord() ? "record" : type.isEnum() ? "enum" : "class";
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
        return modifiers(type, kind) + kind + " " + type.getName() + listed("<", type.getTypeParameters(), ">")
                + components
                + (parents.isEmpty() ? "" : parents.stream().collect(Collectors.joining(", ", " extends ", "")))
                + (type.isSealed() ? listed(" permits ", type.getPermittedSubclasses(), "") : "");
    }

    /** What forbids callers something, or asks something of them: no instances, no subclasses, an instance around it. */
    private static String modifiers(Class<?> type, String kind) {
        int m = type.getModifiers();
        boolean isClass = kind.equals("class");
        return (isClass && Modifier.isAbstract(m) ? "abstract " : "")
                + (isClass && Modifier.isFinal(m) ? "final " : "")
                + (type.isSealed() ? "sealed " : "")
                + (isClass && type.isMemberClass() && !Modifier.isStatic(m) ? "inner " : "");
    }

    /** Types with the bounds of those that are parameters; nothing for none. */
    private static String listed(String before, Type[] types, String behind) {
        return types.length == 0
                ? ""
                : Arrays.stream(types)
                        .map(t -> t instanceof TypeVariable<?> v
                                ? v.getName() + listed(" extends ", v.getBounds(), "")
                                : t.getTypeName())
                        .collect(Collectors.joining(", ", before, behind));
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
