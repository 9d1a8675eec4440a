/** damo's report of accesses, number for number. */
package org.damson.analyzer.damo.access;
