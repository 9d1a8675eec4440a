package org.damson.cli.record;

import java.io.IOException;

/**
 * Damson's own jars while it records. Java opens a jar when a class of it is first wanted, which for a recorder may be when it
 * seals its trace; a package manager may have replaced the jars by then, and those of the old version are gone.
 */
final class OwnJars {
    private OwnJars() {}

    /** Opens all of them; as long as this process lives they can be read, whatever becomes of their names. */
    static void hold() throws IOException {
        // A search that finds nothing goes through every jar of the class path, and the class loader closes none.
        ClassLoader.getSystemResources("META-INF/held-open").hasMoreElements();
    }
}
