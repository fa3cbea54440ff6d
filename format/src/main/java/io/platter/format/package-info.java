/** The image format's values and their bytes, as {@code docs/format.md} specifies them. */
package io.platter.format;
