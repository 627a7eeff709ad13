package org.esa.snap.core.dataop.dem;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** The kinds of elevation models; none but those that a test adds. */
public class ElevationModelRegistry {
    private static final ElevationModelRegistry INSTANCE = new ElevationModelRegistry();

    private final List<ElevationModelDescriptor> descriptors = new CopyOnWriteArrayList<>();

    private ElevationModelRegistry() {
    }

    public static ElevationModelRegistry getInstance() {
        return INSTANCE;
    }

    public void addDescriptor(ElevationModelDescriptor elevationModelDescriptor) {
        descriptors.add(elevationModelDescriptor);
    }

    public void removeDescriptor(ElevationModelDescriptor elevationModelDescriptor) {
        descriptors.remove(elevationModelDescriptor);
    }

    /** Null where there is none of this name. */
    public ElevationModelDescriptor getDescriptor(String demName) {
        return descriptors.stream().filter(known -> demName.equalsIgnoreCase(known.getName())).findFirst().orElse(null);
    }

    public ElevationModelDescriptor[] getAllDescriptors() {
        return descriptors.toArray(new ElevationModelDescriptor[0]);
    }
}
