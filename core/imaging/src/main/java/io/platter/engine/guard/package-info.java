/** What is refused before the first byte is written: a target that stands for what is read, or holds an image. */
package io.platter.engine.guard;
