package com.bc.ceres.core;

/** Passes everything on to another monitor. */
public abstract class ProgressMonitorWrapper implements ProgressMonitor {
    private final ProgressMonitor monitor;

    protected ProgressMonitorWrapper(ProgressMonitor monitor) {
        this.monitor = monitor;
    }

    public ProgressMonitor getWrappedProgressMonitor() {
        return monitor;
    }

    @Override
    public void beginTask(String taskName, int totalWork) {
        monitor.beginTask(taskName, totalWork);
    }

    @Override
    public void done() {
        monitor.done();
    }

    @Override
    public void internalWorked(double work) {
        monitor.internalWorked(work);
    }

    @Override
    public boolean isCanceled() {
        return monitor.isCanceled();
    }

    @Override
    public void setCanceled(boolean canceled) {
        monitor.setCanceled(canceled);
    }

    @Override
    public void setTaskName(String taskName) {
        monitor.setTaskName(taskName);
    }

    @Override
    public void setSubTaskName(String subTaskName) {
        monitor.setSubTaskName(subTaskName);
    }

    @Override
    public void worked(int work) {
        monitor.worked(work);
    }
}
