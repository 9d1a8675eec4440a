/** Text on its way in and out: bytes of file names, control characters, CSV cells. */
package org.damson.model.text;
