/** damo's other reports, number for number. */
package org.damson.analyzer.damo.report;
