package io.platter.image;

import io.platter.block.BlockDevice;
import java.lang.module.ModuleDescriptor;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Supplier;

/**
 * What a job says in an image's properties about when, where, by what and of what it was made; see {@link PropertyKeys}.
 *
 * <p>Two captures of the same disk differ in these properties, and in nothing else. Where the same file is wanted each
 * time, there is {@link #none()}.
 *
 * <p>Immutable.
 */
public final class ImageDescription {
    private static final ImageDescription STANDARD =
            new ImageDescription(true, InstantSource.system(), HostName::ofThisMachine, tool(), Map.of(), Set.of());

    private final boolean tells;
    private final InstantSource clock;
    private final Supplier<String> host;
    private final String tool;
    private final Map<String, String> given;
    private final Set<String> leftOut;

    private ImageDescription(
            boolean tells,
            InstantSource clock,
            Supplier<String> host,
            String tool,
            Map<String, String> given,
            Set<String> leftOut) {
        this.tells = tells;
        this.clock = clock;
        this.host = host;
        this.tool = tool;
        this.given = given;
        this.leftOut = leftOut;
    }

    /** Returns what jobs do unless told otherwise: all that is known of this machine, this library, and the source. */
    public static ImageDescription standard() {
        return STANDARD;
    }

    /**
     * Returns a description that says nothing, not even the source's state: only that the source has changed is said
     * all the same. What {@link #with} adds to it is said.
     */
    public static ImageDescription none() {
        return new ImageDescription(false, InstantSource.system(), () -> "", "", Map.of(), Set.of());
    }

    /**
     * Returns the standard description as another program gives it.
     *
     * @param clock what time it is
     * @param host the name of the machine; empty if the image is not to say it
     * @param tool the name and version of the program, such as {@code Acme Backup 3.1}; empty if the image is not to
     *     say it
     */
    public static ImageDescription of(InstantSource clock, String host, String tool) {
        Objects.requireNonNull(host, "host");
        return new ImageDescription(
                true,
                Objects.requireNonNull(clock, "clock"),
                () -> host,
                Objects.requireNonNull(tool, "tool"),
                Map.of(),
                Set.of());
    }

    /**
     * Returns this description with a value of its own for a key, such as {@link PropertyKeys#COMMENT}.
     *
     * @param key 1 to 1024 bytes in UTF-8
     */
    public ImageDescription with(String key, String value) {
        Map<String, String> more = new TreeMap<>(given);
        more.put(Objects.requireNonNull(key, "key"), Objects.requireNonNull(value, "value"));
        Set<String> less = new TreeSet<>(leftOut);
        less.remove(key);
        return new ImageDescription(tells, clock, host, tool, more, less);
    }

    /** Returns this description without a key, such as {@link PropertyKeys#HOST}. */
    public ImageDescription without(String key) {
        Map<String, String> less = new TreeMap<>(given);
        less.remove(Objects.requireNonNull(key, "key"));
        Set<String> more = new TreeSet<>(leftOut);
        more.add(key);
        return new ImageDescription(tells, clock, host, tool, less, more);
    }

    /**
     * Returns the properties that a new image gets, by key. None is empty.
     *
     * @param source what is captured; empty if it has no name
     */
    public Map<String, String> properties(Optional<BlockDevice> source) {
        Map<String, String> properties = new TreeMap<>();
        if (tells) {
            properties.put(
                    PropertyKeys.TIME,
                    clock.instant().truncatedTo(ChronoUnit.SECONDS).toString());
            properties.put(PropertyKeys.HOST, host.get());
            properties.put(PropertyKeys.TOOL, tool);
            if (source.isPresent()) {
                Map<String, String> identity = source.get().identity();
                properties.put(PropertyKeys.SOURCE, source.get().name());
                properties.put(PropertyKeys.SOURCE_MODEL, identity.getOrDefault(BlockDevice.MODEL, ""));
                properties.put(PropertyKeys.SOURCE_SERIAL, identity.getOrDefault(BlockDevice.SERIAL, ""));
            }
        }
        properties.putAll(given);
        properties.keySet().removeAll(leftOut);
        properties.values().removeIf(String::isEmpty);
        return properties;
    }

    /** Tells whether the source's state is to be kept in the image. */
    public boolean keepsState() {
        return tells && !leftOut.contains(PropertyKeys.SOURCE_STATE);
    }

    private static String tool() {
        Class<?> here = ImageDescription.class;
        String version = here.getPackage().getImplementationVersion();
        ModuleDescriptor module = here.getModule().getDescriptor();
        if (version == null && module != null) {
            version = module.rawVersion().orElse(null);
        }
        return version == null ? "platter" : "platter " + version;
    }
}
