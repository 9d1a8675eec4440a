package org.damson.analyzer.memory;

import org.damson.model.InvalidInputException;

/**
 * What the memory is like that schemes act on.
 *
 * @param cost what taking away and bringing back costs
 * @param limitBytes memory the program may have, beyond which the least recently touched goes out; 0: no limit
 * @param fastBytes capacity of the fast tier; 0: there is one tier
 */
public record OutcomeOptions(CostModel cost, long limitBytes, long fastBytes) {
    public static final OutcomeOptions DEFAULTS = new OutcomeOptions(CostModel.ZRAM, 0, 0);

    public OutcomeOptions {
        if (limitBytes < 0 || fastBytes < 0) {
            throw new InvalidInputException("a limit or capacity must not be negative");
        }
    }
}
