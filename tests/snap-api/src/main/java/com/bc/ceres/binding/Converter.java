package com.bc.ceres.binding;

/** Named by {@code @Parameter} only. */
public interface Converter<T> {
}
