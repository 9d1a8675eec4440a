/** Readings of /proc, signals, systemd, metrics. */
package org.damson.recorder.system;
