package org.damson.engine;

import org.slf4j.LoggerFactory;

/**
 * Where libraries log to is the program's choice. Arrow and Parquet log through slf4j, of which no provider comes with the engine; a
 * program without one is not told so on standard error.
 */
final class Logging {
    private static final String VERBOSITY = "slf4j.internal.verbosity";
    private static final String PROVIDERS = "META-INF/services/org.slf4j.spi.SLF4JServiceProvider";

    private Logging() {}

    /** Initializes slf4j silently where it has no provider; else changes nothing. */
    static void settle() {
        boolean hasProvider = LoggerFactory.class.getClassLoader().getResource(PROVIDERS) != null;
        if (hasProvider || System.getProperty(VERBOSITY) != null) {
            return;
        }
        System.setProperty(VERBOSITY, "ERROR");
        try {
            LoggerFactory.getILoggerFactory();
        } finally {
            System.clearProperty(VERBOSITY);
        }
    }
}
