package org.clearshore.snap;

import com.bc.ceres.core.ProgressMonitor;
import org.clearshore.RunListener;
import org.esa.snap.core.gpf.OperatorCancelException;

import java.util.function.BooleanSupplier;

/** Tells a progress monitor of SNAP how far a run is, and the run whether it is cancelled. */
final class RunProgress implements RunListener, AutoCloseable {
    /** Steps of a stage on the monitor's scale. */
    private static final int STEPS = 1000;

    private final ProgressMonitor monitor;
    private final BooleanSupplier cancelled;
    private final int stages;
    private String stage;
    private int begun;
    private int shown;

    /**
     * @param cancelled whether SNAP has cancelled the operator by other means than the monitor
     * @param stages    most stages that there will be
     */
    RunProgress(ProgressMonitor monitor, BooleanSupplier cancelled, int stages) {
        this.monitor = monitor;
        this.cancelled = cancelled;
        this.stages = stages;
        monitor.beginTask("Clearshore", stages * STEPS);
    }

    @Override
    public boolean progress(String stage, long done, long total) {
        if (!stage.equals(this.stage)) {
            this.stage = stage;
            begun++;
            monitor.setSubTaskName("Clearshore: " + stage);
        }
        double fraction = total <= 0 ? 0 : Math.min(1, (double) done / total);
        int reached = Math.min((int) ((begun - 1 + fraction) * STEPS), stages * STEPS);
        if (reached > shown) {
            monitor.worked(reached - shown);
            shown = reached;
        }
        return goesOn();
    }

    /** Whether nobody has cancelled. */
    boolean goesOn() {
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
