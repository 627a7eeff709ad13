package com.bc.ceres.core;

/** Base of SNAP's product nodes; has no extensions here. */
public class ExtensibleObject implements Extensible {
    public ExtensibleObject() {
    }

    @Override
    public <E> E getExtension(Class<E> extensionType) {
        return null;
    }
}
