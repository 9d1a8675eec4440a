package org.damson.cli;

import org.damson.cli.command.Unfinished;
import org.damson.cli.console.Console;
import org.damson.model.text.NativeText;

/** Starts damson as a process. */
public final class Main {
    private Main() {}

    /** Runs one command and exits with its code. */
    public static void main(String[] args) {
        Console console = Console.ofProcess();
        Unfinished.atEnd(console::interrupted);
        System.exit(Cli.run(NativeText.arguments(args), console));
    }
}
