package com.bc.ceres.core;

/** Takes progress from a long task and carries the user's wish to cancel it. */
public interface ProgressMonitor {
    /** Ignores progress; can still be cancelled, for all its users at once. */
    ProgressMonitor NULL = new NullProgressMonitor();
    int UNKNOWN = -1;

    void beginTask(String taskName, int totalWork);

    void done();

    void internalWorked(double work);

    boolean isCanceled();

    void setCanceled(boolean canceled);

    void setTaskName(String taskName);

    void setSubTaskName(String subTaskName);

    void worked(int work);
}
