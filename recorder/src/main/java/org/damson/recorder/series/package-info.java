/** Series of traces: rotation, retention, flight recorder, disk limits. */
package org.damson.recorder.series;
