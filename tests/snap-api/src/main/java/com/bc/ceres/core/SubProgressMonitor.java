package com.bc.ceres.core;

/** Fills a share of a parent monitor's work. */
public class SubProgressMonitor extends ProgressMonitorWrapper {
    private final int share;
    private int begun;
    private double parentWorkPerUnit;
    private double passedOn;

    public SubProgressMonitor(ProgressMonitor monitor, int ticks) {
        super(monitor);
        share = ticks;
    }

    public static ProgressMonitor create(ProgressMonitor monitor, int ticks) {
        return monitor == ProgressMonitor.NULL ? monitor : new SubProgressMonitor(monitor, ticks);
    }

    @Override
    public void beginTask(String taskName, int totalWork) {
        if (begun++ == 0) {
            parentWorkPerUnit = totalWork > 0 ? (double) share / totalWork : 0;
        }
    }

    @Override
    public void done() {
        if (begun > 0 && --begun == 0) {
            if (passedOn < share) {
                super.internalWorked(share - passedOn);
            }
            passedOn = 0;
        }
    }

    @Override
    public void internalWorked(double work) {
        if (begun == 1 && passedOn < share) {
            passedOn += parentWorkPerUnit * work;
            super.internalWorked(parentWorkPerUnit * work);
        }
    }

    @Override
    public void setSubTaskName(String subTaskName) {
        super.setSubTaskName(subTaskName);
    }

    @Override
    public void worked(int work) {
        internalWorked(work);
    }
}
