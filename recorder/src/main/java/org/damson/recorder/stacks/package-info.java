/** Records call stacks from perf events. */
package org.damson.recorder.stacks;
