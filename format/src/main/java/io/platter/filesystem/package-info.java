/**
 * Which bytes of a volume its filesystem uses: {@link io.platter.filesystem.Filesystems#probe} recognises the
 * filesystem by its content and returns its {@link io.platter.allocation.AllocationMap}.
 * Volumes that belong together, such as those of an LVM group, are probed together.
 *
 * <p>The rule of this package: a byte counts as used unless the filesystem's own structures, checked as far as they can
 * be, prove that it is not. Any doubt makes the whole volume used, with a {@link io.platter.allocation.Reason}.
 *
 * @since 0.1.0
 */
package io.platter.filesystem;
