package com.bc.ceres.core;

/** An object that may have extensions. */
public interface Extensible {
    <E> E getExtension(Class<E> extensionType);
}
