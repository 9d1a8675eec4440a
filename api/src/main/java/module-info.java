/** damson for programs: what may be called, and nothing of what it is made of. */
module org.damson.api {
    exports org.damson.api;

    uses org.damson.api.Engine;
}
