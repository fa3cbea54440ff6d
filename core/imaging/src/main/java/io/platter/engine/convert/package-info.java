/**
 * The line of a conversion: pieces of a disk are read, searched for zeros, encoded, and given to the target in order.
 */
package io.platter.engine.convert;
