package org.clearshore.snap;

import org.esa.snap.core.gpf.Operator;
import org.esa.snap.runtime.Config;

/** How many threads SNAP lets an operator use. */
final class Parallelism {
    private static final String PROPERTY = "snap.parallelism";

    private Parallelism() {
    }

    /**
     * SNAP's own setting. {@code gpt -q} sets that of the tile scheduler alone, whose type is SNAP's imaging library's:
     * it is asked by name, so that no class of the plugin depends on it.
     */
    static int threads() {
        int preferred = Config.instance().preferences().getInt(PROPERTY, Runtime.getRuntime().availableProcessors());
        try {
            ClassLoader snap = Operator.class.getClassLoader();
            Class<?> imaging = Class.forName("javax.media.jai.JAI", true, snap);
            Object instance = imaging.getMethod("getDefaultInstance").invoke(null);
            Object scheduler = imaging.getMethod("getTileScheduler").invoke(instance);
            preferred = (int) Class.forName("javax.media.jai.TileScheduler", true, snap)
                    .getMethod("getParallelism").invoke(scheduler);
        } catch (ReflectiveOperationException | LinkageError absent) {
            // The preference it is.
        }
        return Math.max(1, preferred);
    }
}
