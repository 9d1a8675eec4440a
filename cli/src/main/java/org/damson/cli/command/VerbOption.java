package org.damson.cli.command;

import org.apache.commons.cli.Option;

/** An option with what the parser's library does not keep of it: its heading in help, its old name, what it may do. */
public final class VerbOption extends Option {
    private static final long serialVersionUID = 1L;

    /** Headings of help, in the order in which they stand there. The first one's options fit on one screen. */
    public enum Heading {
        COMMON("options"),
        DAMON("recording kernel DAMON"),
        SERVICE("recording for long"),
        CLOSED_LOOP("simulating DAMON itself"),
        DAMO("damo's options, by damo's names; a bare number is in damo's unit"),
        EXPERT("options for experts");

        private final String title;

        Heading(String title) {
            this.title = title;
        }

        public String title() {
            return title;
        }
    }

    private Heading heading = Heading.COMMON;
    private String oldName;
    private boolean isRepeatable;
    private boolean isWritten;

    /** @param values how many it takes, {@link Option#UNINITIALIZED} for none */
    VerbOption(String shortName, String longName, int values, String argName, String description) {
        super(shortName, longName, false, description);
        setArgs(values);
        setArgName(argName);
    }

    /** The option itself, or one like it, which has no old name and is under the first heading. */
    public static VerbOption of(Option option) {
        if (option instanceof VerbOption verb) {
            return verb;
        }
        VerbOption verb = new VerbOption(
                option.getOpt(), option.getLongOpt(), option.getArgs(), option.getArgName(), option.getDescription());
        verb.setOptionalArg(option.hasOptionalArg());
        return verb;
    }

    /** Puts it under a heading. */
    VerbOption under(Heading newHeading) {
        heading = newHeading;
        return this;
    }

    /** Has it answer to an old name as well, which help does not show. */
    VerbOption formerly(String name) {
        oldName = name;
        return this;
    }

    /** Lets it be given several times: each adds to what those before said. */
    VerbOption repeatable() {
        isRepeatable = true;
        return this;
    }

    /** Says that its value names a file or directory that the verb makes: the verb then has {@code --force}. */
    VerbOption written() {
        isWritten = true;
        return this;
    }

    public Heading heading() {
        return heading;
    }

    /** Null if it has none. */
    String oldName() {
        return oldName;
    }

    public boolean isRepeatable() {
        return isRepeatable;
    }

    public boolean isWritten() {
        return isWritten;
    }

    @Override
    public boolean equals(Object other) {
        return super.equals(other);
    }

    @Override
    public int hashCode() {
        return super.hashCode();
    }
}
