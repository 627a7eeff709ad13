package org.clearshore.snap;

import com.bc.ceres.core.NullProgressMonitor;
import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

class RunProgressTest {
    /** Writes down what it is told. */
    static class Stages extends NullProgressMonitor {
        final List<String> tasks = new ArrayList<>();
        volatile int total;
        volatile int done;
        volatile boolean ended;

        @Override
        public void beginTask(String taskName, int totalWork) {
            total = totalWork;
        }

        @Override
        public synchronized void worked(int work) {
            assertTrue(work > 0, "progress goes forward");
            done += work;
        }

        @Override
        public synchronized void setSubTaskName(String subTaskName) {
            tasks.add(subTaskName);
        }

        @Override
        public void done() {
            ended = true;
        }
    }

    @Test
    void fractionsAreThoseOfTheStages() {
        Stages recorder = new Stages();
        try (RunProgress progress = new RunProgress(recorder, () -> false, 3)) {
            assertTrue(progress.progress("decoding", 0, 200));
            assertEquals(0, recorder.done);
            progress.progress("decoding", 50, 200);
            assertEquals(recorder.total / 12, recorder.done);
            progress.progress("detecting", 0, 7);
            assertEquals(recorder.total / 3, recorder.done);
            progress.progress("merging", 7, 7);
            assertEquals(recorder.total, recorder.done);
            progress.progress("another", 9, 0);
            assertEquals(recorder.total, recorder.done);
        }
        assertTrue(recorder.ended);
        assertEquals(List.of("Clearshore: decoding", "Clearshore: detecting", "Clearshore: merging",
                "Clearshore: another"), recorder.tasks);
    }

    @Test
    void eitherSideMayCancel() {
        Stages recorder = new Stages();
        RunProgress byMonitor = new RunProgress(recorder, () -> false, 3);
        assertTrue(byMonitor.progress("decoding", 1, 2));
        recorder.setCanceled(true);
        assertFalse(byMonitor.progress("decoding", 1, 2));
        assertFalse(new RunProgress(new Stages(), () -> true, 3).progress("decoding", 1, 2));
    }
}
