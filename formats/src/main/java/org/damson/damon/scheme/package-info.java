/**
 * DAMON's vocabulary: the parameters of a kdamond as values, and every text format of them.
 *
 * <pre>
 *  damo's options, JSON, YAML, sysfs paths, rule lines --SchemeParser--> {@link org.damson.damon.scheme.Scheme}
 *  Scheme --SchemeText--> damson's short form, damo's options, sysfs paths
 * </pre>
 *
 * Bounds keep the unit in which they were given; {@link org.damson.damon.scheme.Range#inKernelUnits} makes them what the
 * kernel compares.
 */
package org.damson.damon.scheme;
