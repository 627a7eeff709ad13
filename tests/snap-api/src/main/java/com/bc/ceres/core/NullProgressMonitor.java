package com.bc.ceres.core;

/** A monitor that shows nothing and remembers only whether it was cancelled. */
public class NullProgressMonitor implements ProgressMonitor {
    private volatile boolean canceled;

    public NullProgressMonitor() {
    }

    @Override
    public void beginTask(String taskName, int totalWork) {
    }

    @Override
    public void done() {
    }

    @Override
    public void internalWorked(double work) {
    }

    @Override
    public boolean isCanceled() {
        return canceled;
    }

    @Override
    public void setCanceled(boolean canceled) {
        this.canceled = canceled;
    }

    @Override
    public void setTaskName(String taskName) {
    }

    @Override
    public void setSubTaskName(String subTaskName) {
    }

    @Override
    public void worked(int work) {
    }
}
