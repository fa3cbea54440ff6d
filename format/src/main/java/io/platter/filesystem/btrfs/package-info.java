/** Btrfs. */
package io.platter.filesystem.btrfs;
