package org.damson.recorder;

import java.io.IOException;
import java.util.List;
import java.util.function.Consumer;
import org.damson.model.Manifest;
import org.damson.model.MonitoringAttrs;
import org.damson.model.Snapshot;
import org.damson.recorder.ring.LiveSource;
import org.damson.recorder.ring.Sampler;

/** Forwards every call to another source. Base of sources that change one aspect of it, such as its pace. */
public abstract class ForwardingSource implements LiveSource {
    private final LiveSource source;

    /** Wraps {@code source}, which is closed with this one. */
    protected ForwardingSource(LiveSource source) {
        this.source = source;
    }

    @Override
    public String name() {
        return source.name();
    }

    @Override
    public MonitoringAttrs attrs() {
        return source.attrs();
    }

    @Override
    public void describe(Manifest manifest) {
        source.describe(manifest);
    }

    @Override
    public void tellTo(Consumer<String> notices) {
        source.tellTo(notices);
    }

    @Override
    public void arm() throws IOException {
        source.arm();
    }

    @Override
    public void targetsRun() throws IOException {
        source.targetsRun();
    }

    @Override
    public long[] pids() {
        return source.pids();
    }

    @Override
    public boolean next(Snapshot into) throws IOException, InterruptedException {
        return source.next(into);
    }

    @Override
    public boolean rest(Snapshot into) throws IOException {
        return source.rest(into);
    }

    @Override
    public List<Sampler> samplers() {
        return source.samplers();
    }

    @Override
    public long lostEvents() {
        return source.lostEvents();
    }

    @Override
    public long kdamondCpuNs() {
        return source.kdamondCpuNs();
    }

    @Override
    public String pace() {
        return source.pace();
    }

    @Override
    public void summarize(Manifest manifest) {
        source.summarize(manifest);
    }

    @Override
    public void close() throws IOException {
        source.close();
    }
}
