/**
 * How near a recording comes to what was really touched: a generator's log of its accesses beside the trace that was
 * recorded of it.
 *
 * <pre>
 *  accessgen --log --> AccessLog (touched pages per place and time) --+
 *                                                                     v
 *  record ----------> trace ------------------------------------> Certifier --> Certificate (scores per pattern)
 * </pre>
 */
package org.damson.analyzer.certificate;
