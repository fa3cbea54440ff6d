/**
 * The machine's disks: {@link io.platter.device.RawDisks} lists and opens them, an open one is a
 * {@link io.platter.device.RawDisk}, which is a {@link io.platter.block.BlockDevice}.
 *
 * <p>A {@link io.platter.device.DiskDescription} says which disk it is and what uses it; a disk in use is opened for
 * writing only when {@link io.platter.device.DiskOpenOptions} name each use that is to be overridden, and is else refused with a
 * {@link io.platter.block.DiskInUseException}. A {@link io.platter.device.Snapshot} holds a disk still while it is
 * captured.
 *
 * <p>Linux is tested on real devices; the paths of Windows and macOS run against recorded answers only. Failures of a
 * device are {@link io.platter.block.DeviceException}s that carry the operating system's error code.
 *
 * @since 0.1.0
 */
package io.platter.device;
