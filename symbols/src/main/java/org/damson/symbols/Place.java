package org.damson.symbols;

/**
 * Something to be named: a frame, and how it stands in a stack.
 *
 * @param frame index in {@link StackTable}
 * @param isCall whether it is where a call returns to: the call is before it
 * @param pid whose memory it is; 0 for code of files and of the kernel
 */
record Place(int frame, boolean isCall, int pid) {}
