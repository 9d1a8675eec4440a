package org.damson.damon.scheme;

import org.damson.model.InvalidInputException;

/**
 * When a scheme is awake, by free memory in permil of all.
 *
 * @param freeMemRate whether they are in use; otherwise the scheme is always awake
 */
public record Watermarks(boolean freeMemRate, long intervalUs, int high, int mid, int low) {
    public static final Watermarks NONE = new Watermarks(false, 0, 0, 0, 0);

    public Watermarks {
        if (freeMemRate && (low > mid || mid > high || low < 0 || high > 1000)) {
            throw new InvalidInputException("watermarks must satisfy 0 <= low <= mid <= high <= 1000 permil: high "
                    + high + ", mid " + mid + ", low " + low);
        }
    }

    /** The state at {@code permil} free memory; between mid and high it does not change. */
    public boolean next(boolean awake, int permil) {
        if (!freeMemRate) {
            return true;
        }
        if (permil > high || permil < low) {
            return false;
        }
        return permil < mid || awake;
    }
}
