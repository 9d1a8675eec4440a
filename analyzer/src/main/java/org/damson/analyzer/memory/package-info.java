/** What becomes of memory and time when a scheme acts. */
package org.damson.analyzer.memory;
