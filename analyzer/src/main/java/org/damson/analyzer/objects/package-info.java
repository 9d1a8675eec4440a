/** Mappings and their code, idle memory, windows of time, events. */
package org.damson.analyzer.objects;
