/** What memory a process of a replay has: which mappings when, where they lie, and how much of them is touched, written and resident. */
package org.damson.replayer.memory;
