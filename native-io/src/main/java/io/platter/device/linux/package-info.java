/** Linux: {@code libc}, {@code /sys} and {@code /proc}. Not exported. */
package io.platter.device.linux;
