/** macOS: {@code libSystem} and the ioctls of {@code sys/disk.h}. Not exported; run against a fake only so far. */
package io.platter.nativeio.macos;
