package io.platter.device;

/**
 * What an open disk can do beyond reading and writing. A capability is what the system says of the device before it
 * was tried; the methods of {@link RawDisk} return what was really done.
 *
 * <p>Immutable.
 *
 * @param directIo whether bytes go past the system's page cache
 * @param discard whether {@link RawDisk#discard} reaches the device
 * @param fastZero whether {@link RawDisk#zero} is an order to the device, and not a transfer of zeros
 */
public record DiskCapabilities(boolean directIo, boolean discard, boolean fastZero) {}
