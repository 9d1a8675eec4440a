/**
 * damo's reports: what damo 3.3.0 prints from the same recording, byte for byte where {@code compat} is asked for, and the
 * corrected figure otherwise.
 *
 * <p>damo computes with Python's numbers. {@link org.damson.analyzer.damo.Num} has their rules, {@link
 * org.damson.analyzer.damo.DamoText} damo's ways to write and read them.
 */
package org.damson.analyzer.damo;
