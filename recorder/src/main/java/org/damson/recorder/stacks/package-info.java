/** Call stacks of what is recorded, from perf's events through the kernel's own interface. */
package org.damson.recorder.stacks;
