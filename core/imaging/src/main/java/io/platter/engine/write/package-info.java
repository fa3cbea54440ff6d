/**
 * The line of a capture: read ahead, cut into blocks, hash, deduplicate in the order of the disk, compress, write, index.
 *
 * <p>Each method says which of the line's threads calls it.
 */
package io.platter.engine.write;
