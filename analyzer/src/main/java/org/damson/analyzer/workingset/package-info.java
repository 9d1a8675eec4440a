/** Working-set sizes, their bounds, and memory in use. */
package org.damson.analyzer.workingset;
