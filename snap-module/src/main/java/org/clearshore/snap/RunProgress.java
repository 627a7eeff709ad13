package org.clearshore.snap;

import com.bc.ceres.core.ProgressMonitor;
import org.clearshore.RunListener;
import org.esa.snap.core.gpf.OperatorCancelException;

import java.util.function.BooleanSupplier;

/** Tells a progress monitor of SNAP how far a run is, and the run whether it is cancelled. */
final class RunProgress implements RunListener, AutoCloseable {
    /** Stages of a run: pixels are read, clouds are detected, flags are merged. */
    private static final int STAGES = 3;
    /** Steps of a stage on the monitor's scale. */
    private static final int STEPS = 1000;

    private final ProgressMonitor monitor;
    private final BooleanSupplier cancelled;
    private String stage;
    private int begun;
    private int shown;

    /** @param cancelled whether SNAP has cancelled the operator by other means than the monitor */
    RunProgress(ProgressMonitor monitor, BooleanSupplier cancelled) {
        this.monitor = monitor;
        this.cancelled = cancelled;
        monitor.beginTask("Clearshore", STAGES * STEPS);
    }

    @Override
    public boolean progress(String stage, long done, long total) {
        if (!stage.equals(this.stage)) {
            this.stage = stage;
            begun++;
            monitor.setSubTaskName("Clearshore: " + stage);
        }
        double fraction = total <= 0 ? 0 : Math.min(1, (double) done / total);
        int reached = Math.min((int) ((begun - 1 + fraction) * STEPS), STAGES * STEPS);
        if (reached > shown) {
            monitor.worked(reached - shown);
            shown = reached;
        }
        return !monitor.isCanceled() && !cancelled.getAsBoolean();
    }

    @Override
    public void close() {
        monitor.done();
    }

    /** What SNAP expects of an operator that was cancelled. */
    static OperatorCancelException cancelled() {
        return new OperatorCancelException("Clearshore was cancelled.");
    }
}
