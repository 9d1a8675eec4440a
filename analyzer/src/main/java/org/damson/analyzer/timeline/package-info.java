/** Working set, heat, phases and call stacks on one axis of time. */
package org.damson.analyzer.timeline;
