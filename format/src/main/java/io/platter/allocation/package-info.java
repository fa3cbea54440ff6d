/**
 * Which bytes of a volume are used, and why one may believe it: what {@code io.platter.filesystem} finds out.
 *
 * @since 0.1.0
 */
package io.platter.allocation;
