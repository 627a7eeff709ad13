package org.clearshore.snap;

import org.clearshore.snapapi.OperatorDriver;
import org.esa.snap.core.datamodel.Product;
import org.esa.snap.core.gpf.Tile;

import java.util.function.Function;

/** Runs the operator and takes its bands. */
final class Drive {
    private Drive() {
    }

    /** @param parameters names and values in turn */
    static OperatorDriver of(Product source, Object... parameters) {
        OperatorDriver driver = new OperatorDriver(new ClearshoreOp.Spi()).source(source);
        for (int i = 0; i < parameters.length; i += 2) {
            driver.parameter((String) parameters[i], parameters[i + 1]);
        }
        return driver;
    }

    static int[] flags(Product source, Object... parameters) {
        return take(source, driver -> (int[]) raw(driver.tile("clearshore_flags")), parameters);
    }

    static <T> T take(Product source, Function<OperatorDriver, T> taker, Object... parameters) {
        try (OperatorDriver driver = of(source, parameters)) {
            return taker.apply(driver);
        }
    }

    static Object raw(Tile tile) {
        return tile.getRawSamples().getElems();
    }
}
