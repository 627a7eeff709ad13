package org.esa.snap.core.util;

import java.io.File;
import java.nio.file.Path;
import java.util.logging.Logger;
import org.esa.snap.runtime.Config;

/** Folders and the log of SNAP. */
public class SystemUtils {
    public static final Logger LOG = Config.instance().logger();
    public static final String AUXDATA_DIR_NAME = "auxdata";

    public SystemUtils() {
    }

    /** The user folder, {@code ~/.snap} unless SNAP was told otherwise. */
    public static File getApplicationDataDir() {
        return getApplicationDataDir(false);
    }

    /** The user folder, made when it is missing. */
    public static File getApplicationDataDir(boolean force) {
        File folder = Config.instance().userDir().toFile();
        if (force) {
            folder.mkdirs();
        }
        return folder;
    }

    public static Path getAuxDataPath() {
        return getApplicationDataDir().toPath().resolve(AUXDATA_DIR_NAME);
    }
}
