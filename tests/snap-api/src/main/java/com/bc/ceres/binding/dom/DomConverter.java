package com.bc.ceres.binding.dom;

/** Named by {@code @Parameter} only. */
public interface DomConverter {
}
