package org.damson.cli;

/** Starts damson as a process. */
public final class Main {
    private Main() {}

    /** Runs one command and exits with its code. */
    public static void main(String[] args) {
        System.exit(Cli.run(args, Console.ofProcess()));
    }
}
