package org.damson.engine;

/** What callers may depend on of a type, one of each kind. */
public abstract sealed class Listed<T extends Comparable<T>> extends Unlisted implements Cloneable permits Listed.Only {
    /** No other may extend it. */
    public static final class Only extends Listed<String> {
        @Override
        protected <X extends Exception> void fail(String why) {}
    }

    /** There is one only within another. */
    public class Inner {}

    Listed() {}

    protected abstract <X extends Exception> void fail(T why) throws X;
}

/** Seen through the type that extends it. */
abstract class Unlisted {
    public static final int LIMIT = 7;

    public void inherited() {}

    void own() {}
}
