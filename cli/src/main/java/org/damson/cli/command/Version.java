package org.damson.cli.command;

/** The version of this damson. */
public final class Version {
    private Version() {}

    /** As in the jar's manifest; {@code development} when run from classes. */
    public static String text() {
        String version = Version.class.getPackage().getImplementationVersion();
        return version == null ? "development" : version;
    }
}
