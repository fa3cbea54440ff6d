/**
 * A file as it is read: its end and its commits, its directory of images, pages of an index, and frames, decoded and checked.
 *
 * <p>Types are safe for use by several threads where their javadoc says so; all others belong to one thread.
 */
package io.platter.engine.read;
