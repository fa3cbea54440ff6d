/**
 * Benchmarks of the copy path and of its stages, each beside the bare work that it can't do without: SHA-256 and zstd
 * over the same bytes, on as many threads, in the same run.
 *
 * <p>{@link io.platter.benchmarks.Efficiency} is the guard against a copy path that got slower. All data is in memory
 * and made from fixed seeds.
 */
@NullMarked
package io.platter.benchmarks;

import org.jspecify.annotations.NullMarked;
