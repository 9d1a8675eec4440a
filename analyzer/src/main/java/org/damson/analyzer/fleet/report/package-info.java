/** Working sets, idle memory and curves of many hosts. */
package org.damson.analyzer.fleet.report;
