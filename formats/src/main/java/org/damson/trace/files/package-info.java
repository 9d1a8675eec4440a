/** Files and directories created safely and removed whole, and the columns and times of their rows. */
package org.damson.trace.files;
