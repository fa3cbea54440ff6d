/** Where a disk differs from an image. */
package io.platter.engine.compare;
