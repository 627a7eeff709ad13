package org.esa.snap.runtime;

import java.nio.file.Path;
import java.nio.file.Paths;
import java.util.logging.Logger;
import java.util.prefs.Preferences;

/** SNAP's settings: system properties and what was put; nothing is read from files or kept. */
public class Config {
    private static final Config INSTANCE = new Config();

    private final Preferences preferences = new PropertyPreferences();

    Config() {
    }

    public static Config instance() {
        return INSTANCE;
    }

    public Logger logger() {
        return Logger.getLogger("org.esa.snap");
    }

    /** The setting {@code snap.userdir}, or {@code ~/.snap}. */
    public Path userDir() {
        String folder = preferences.get("snap.userdir", null);
        return folder != null ? Paths.get(folder) : Paths.get(System.getProperty("user.home"), ".snap");
    }

    public Preferences preferences() {
        return preferences;
    }
}
