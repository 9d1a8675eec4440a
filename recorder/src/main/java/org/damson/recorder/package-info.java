/** Live recording: snapshot sources, the ring between sampling and writing, and side samplers on the same clock. */
package org.damson.recorder;
