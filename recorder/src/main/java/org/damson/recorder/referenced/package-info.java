/** Referenced and soft-dirty bits of processes, sampled within a budget of what they cost. */
package org.damson.recorder.referenced;
