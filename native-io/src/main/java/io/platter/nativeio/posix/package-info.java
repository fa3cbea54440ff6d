/** What Linux and macOS have in common: file descriptors. Not exported. */
package io.platter.nativeio.posix;
