/** Replay of a trace and the access generator. */
package org.damson.cli.replay;
