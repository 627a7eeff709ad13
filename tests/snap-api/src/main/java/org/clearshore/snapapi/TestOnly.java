package org.clearshore.snapapi;

import java.lang.annotation.Documented;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;

/** Marks what SNAP's class lacks and only tests may call; {@code ReferenceCheck} refuses it in a shipped jar. */
@Documented
@Retention(RetentionPolicy.RUNTIME)
public @interface TestOnly {
}
