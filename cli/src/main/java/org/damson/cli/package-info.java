/**
 * The command line. {@code Main} only exits, {@code Cli.run} returns the exit code, one class per command; this is the
 * only package that composes recorder, replayer and analyzer.
 */
package org.damson.cli;
