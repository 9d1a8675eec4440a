/** Opening traces and other tools' recordings, and creating new traces. */
package org.damson.cli.input;
