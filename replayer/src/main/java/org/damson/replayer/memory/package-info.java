/**
 * The memory of a process in a replay: its mappings over time, their addresses, and how much of them is touched, written and
 * resident.
 */
package org.damson.replayer.memory;
