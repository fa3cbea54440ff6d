/**
 * Images as values: what an image and its file are called, what an image says about itself, how one is written.
 *
 * <p>Nothing here reads or writes a file; the jobs, the reader and the writer that take these values are in {@code io.platter}
 * of {@code platter-core}. All types are immutable.
 */
package io.platter.image;
