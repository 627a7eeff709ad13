package org.clearshore.snap;

import org.clearshore.ClearshoreException;
import org.clearshore.NativeScene;
import org.esa.snap.core.gpf.OperatorException;

import java.util.function.Supplier;

/**
 * The one run of an operator: whoever asks first runs it, the others wait; then all have its result, or its failure.
 *
 * <p>A cancelled run counts as failed: SNAP asks again for every tile that was still queued, and must not start anew.
 */
final class SceneRun implements AutoCloseable {
    private NativeScene result;
    private RuntimeException failure;
    /** The scene at work or done; closing it stops a run. */
    private volatile NativeScene scene;
    private volatile boolean closed;

    /** Work of the run. It registers its scene with {@link #hold} as soon as it has one. */
    interface Work {
        void run();
    }

    /** Runs unless that was done. Throws what the run threw, now or then. */
    synchronized NativeScene result(Work work) {
        if (closed) {
            throw disposed();
        }
        if (failure != null) {
            throw Failures.again(failure);
        }
        if (result == null) {
            try {
                work.run();
                result = scene;
            } catch (ClearshoreException thrown) {
                fail(Failures.of(thrown));
            } catch (RuntimeException thrown) {
                fail(thrown);
            }
        }
        return result;
    }

    /** Opens a scene, which from now on is closed with this run. */
    NativeScene hold(Supplier<NativeScene> opening) {
        NativeScene opened = opening.get();
        scene = opened;
        if (closed) {
            opened.close();
            throw disposed();
        }
        return opened;
    }

    /** Frees the scene; a run on another thread stops. */
    @Override
    public void close() {
        closed = true;
        NativeScene held = scene;
        if (held != null) {
            held.close();
        }
    }

    private void fail(RuntimeException thrown) {
        failure = thrown;
        NativeScene held = scene;
        if (held != null) {
            held.close();
        }
        throw thrown;
    }

    private static OperatorException disposed() {
        return new OperatorException("Clearshore was disposed of: its result is gone.");
    }
}
