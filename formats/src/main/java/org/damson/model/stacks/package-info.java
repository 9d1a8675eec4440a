/** Sampled call stacks of a trace, as reports and exports use them. */
package org.damson.model.stacks;
