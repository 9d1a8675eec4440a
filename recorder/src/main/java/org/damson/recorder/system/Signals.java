package org.damson.recorder.system;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;

/**
 * Signals other than those that end the process. The JDK has no public interface for them; {@code sun.misc.Signal} is
 * meant to stay until there is one, but cannot be named in code that has to compile without warnings, so it is looked
 * up by name. A handler of our own in C would have to be loaded before the first thread starts.
 */
public final class Signals {
    private Signals() {}

    /**
     * Runs {@code action} on a thread of its own whenever the signal arrives.
     *
     * @param name without SIG, as in {@code HUP}
     * @return whether that works here
     */
    public static boolean handle(String name, Runnable action) {
        try {
            Class<?> signal = Class.forName("sun.misc.Signal");
            Class<?> handler = Class.forName("sun.misc.SignalHandler");
            InvocationHandler calls = (proxy, method, arguments) -> {
                switch (method.getName()) {
                    case "handle" -> action.run();
                    case "hashCode" -> {
                        return System.identityHashCode(proxy);
                    }
                    case "equals" -> {
                        return proxy == arguments[0];
                    }
                    default -> {
                        return "handler of " + name;
                    }
                }
                return null;
            };
            Object proxy = Proxy.newProxyInstance(handler.getClassLoader(), new Class<?>[] {handler}, calls);
            signal.getMethod("handle", signal, handler)
                    .invoke(null, signal.getConstructor(String.class).newInstance(name), proxy);
            return true;
        } catch (ReflectiveOperationException | IllegalArgumentException e) {
            return false;
        }
    }
}
