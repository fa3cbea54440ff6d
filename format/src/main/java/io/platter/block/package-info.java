/**
 * Bytes, and how they are reached: {@link io.platter.block.BlockDevice} is the one interface through which files, raw
 * disks, partitions, memory and foreign images stand.
 *
 * <p>An {@link io.platter.block.Extent} says what a run of bytes is, an {@link io.platter.block.ExtentSet} holds many
 * runs, and {@link io.platter.block.ByteReader} takes numbers out of bytes that may be hostile.
 *
 * <p>Failures: bad bytes are an {@link io.platter.block.ImageFormatException}, a failing device is a
 * {@link io.platter.block.DeviceException}; both are {@link java.io.IOException}s. Misuse is unchecked.
 *
 * @since 0.1.0
 */
package io.platter.block;
