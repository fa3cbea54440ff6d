/**
 * Third-party disk formats: their files as {@link io.platter.block.BlockDevice}s, and new files written in one pass.
 *
 * <p>{@link io.platter.virtualdisk.VirtualDisks} knows the {@link io.platter.virtualdisk.VirtualDiskFormat}s, by name and
 * by magic; a format opens a file for reading, or creates a {@link io.platter.virtualdisk.VirtualDiskWriter}. Others add
 * formats as services.
 *
 * <p>Nothing that a file names is ever opened, unless the caller passes a {@link io.platter.virtualdisk.FileResolver}.
 * A format is named by the caller or recognised by magic; raw is never guessed.
 *
 * <p>Formats are safe for use by several threads, and so are opened disks; a writer belongs to one thread at a time. Bad
 * bytes are an {@link io.platter.block.ImageFormatException} with the place in the file.
 *
 * @since 0.1.0
 */
package io.platter.virtualdisk;
