/**
 * The disk that takes an image: what is wiped first and written last, which part of it is shown, and an image that comes
 * from a stream.
 */
package io.platter.engine.restore;
