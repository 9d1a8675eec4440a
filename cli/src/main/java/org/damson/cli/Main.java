package org.damson.cli;

import org.damson.cli.command.Unfinished;
import org.damson.cli.console.Console;
import org.damson.model.text.NativeText;

/** Starts damson as a process. */
public final class Main {
    private Main() {}

    /** Runs one command and exits with its code. */
    public static void main(String[] args) {
        // Libraries log to nowhere; to search all jars for who might want it takes longer than many a command.
        System.setProperty("slf4j.provider", "org.slf4j.nop.NOPServiceProvider");
        Console console = Console.ofProcess();
        Unfinished.atEnd(console::interrupted);
        System.exit(Cli.run(NativeText.arguments(args), console));
    }
}
