/** What verbs are made of: options and their values, output files, exit codes, failures. */
package org.damson.cli.command;
