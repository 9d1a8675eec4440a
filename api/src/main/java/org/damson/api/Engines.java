package org.damson.api;

import java.util.Optional;
import java.util.ServiceLoader;

/** Finds the engine. */
final class Engines {
    private static volatile Engine found;

    private Engines() {}

    static Engine get() throws MissingCapabilityException {
        Engine engine = found;
        if (engine == null) {
            engine = load(Engine.class.getClassLoader())
                    .or(() -> load(Thread.currentThread().getContextClassLoader()))
                    .orElseThrow(() -> new MissingCapabilityException(
                            "no implementation of org.damson.api is on the class path: add org.damson:damson-engine",
                            null));
            found = engine;
        }
        return engine;
    }

    private static Optional<Engine> load(ClassLoader loader) {
        return ServiceLoader.load(Engine.class, loader).findFirst();
    }
}
