/** Streams, terminal, progress and child processes of one invocation. */
package org.damson.cli.console;
