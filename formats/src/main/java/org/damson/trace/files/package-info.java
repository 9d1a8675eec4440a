/** Files created safely, and the columns and times of their rows. */
package org.damson.trace.files;
