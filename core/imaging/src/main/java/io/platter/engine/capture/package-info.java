/**
 * The source of a capture: what of it is planned to be taken, how it is read where that is difficult, and whether it stays
 * the same meanwhile.
 */
package io.platter.engine.capture;
