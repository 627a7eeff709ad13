package org.esa.snap.core.gpf.annotations;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** What an operator says of itself. */
@Documented
@Inherited
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.TYPE)
public @interface OperatorMetadata {
    String label() default "";

    String alias();

    String version() default "";

    String authors() default "";

    String copyright() default "";

    String description() default "";

    String category() default "";

    boolean autoWriteDisabled() default false;

    boolean internal() default false;
}
