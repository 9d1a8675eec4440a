/**
 * Whole set-ups of a kdamond, and the files in which damo writes them.
 *
 * <pre>
 *  damo's kdamonds JSON or YAML --SetupFile--> {@link org.damson.damon.setup.DamonSetup} --> the recorder's sysfs writes
 * </pre>
 */
package org.damson.damon.setup;
