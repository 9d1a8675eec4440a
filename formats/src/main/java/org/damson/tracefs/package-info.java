/** The kernel's trace ring as bytes: layouts of events and pages, as the kernel itself describes them in text. */
package org.damson.tracefs;
