/** Mappings, idle memory, windows and events as tables. */
package org.damson.analyzer.objects;
