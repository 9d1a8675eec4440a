/** Access to the kernel's files and trace rings, directly or through the privileged helper. */
package org.damson.recorder.kernel;
