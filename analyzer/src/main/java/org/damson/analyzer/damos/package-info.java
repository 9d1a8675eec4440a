/** The kernel's DAMOS, integer for integer: schemes, quotas, regions and their ages. */
package org.damson.analyzer.damos;
