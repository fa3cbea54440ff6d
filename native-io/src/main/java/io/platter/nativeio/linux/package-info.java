/** Linux: {@code libc}, {@code /sys} and {@code /proc}. Not exported. */
package io.platter.nativeio.linux;
