/**
 * Threads and the lines of work between them: what a job does in parallel, in which order its results are taken, and how
 * what fails on one thread reaches the one that waits.
 */
package io.platter.engine.line;
