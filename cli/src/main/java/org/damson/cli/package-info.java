/** The program: finds the verb, runs it, explains failures; and the verbs that run other verbs. */
package org.damson.cli;
