/**
 * Captures disks into image files, and puts images back: the jobs, and the images that they work on.
 *
 * <ul>
 *   <li>{@link io.platter.ImageWriter} writes an image file, {@link io.platter.ImageReader} opens one, and an
 *       {@link io.platter.Image} is a disk in it, to be read at any place.
 *   <li>{@link io.platter.Capture}, {@link io.platter.Restore}, {@link io.platter.Verify} and {@link io.platter.Convert}
 *       are the jobs: immutable, with options of their own and a {@link io.platter.job.JobControl} for threads, memory,
 *       progress and cancellation. Each run returns a report.
 *   <li>{@link io.platter.filesystem.DiskAllocation} says which bytes of a disk are in use.
 * </ul>
 *
 * <p>Images are safe for use by several threads; so are jobs, each of whose runs is independent; a writer belongs to one thread
 * at a time. Threads that a job starts end with it. Whoever opens a device, channel or file closes it.
 *
 * <p>Failures: bad bytes in an image are an {@link io.platter.block.ImageFormatException} that names the place, a device
 * that fails is an {@link io.platter.block.DeviceException}; both are {@link java.io.IOException}s. Misuse is unchecked.
 *
 * @since 0.1.0
 */
package io.platter;
