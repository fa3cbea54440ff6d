/**
 * The copy paths of the jobs, first that of an image that is being written; not exported.
 *
 * <p>Data flows in one line. The caller's thread fills {@link io.platter.pipeline.Segment}s and cuts them into blocks,
 * workers hash the blocks, one writer thread drops the blocks that are known and gathers the others into frames,
 * workers compress the frames, and the writer thread writes them in the order of the disk, with the index behind them.
 * What is written depends on the input alone, never on timing or on the number of threads.
 *
 * <p>Memory: {@code segments × 2.25 MiB + frames in flight × 2 × frame size + 24 bytes for each different block}, with
 * {@code segments = 2 × threads + 4} and {@code frames in flight = 2 × threads + 2}, and 4 MiB for a file that is written.
 *
 * <p>Shorter lines are {@link io.platter.pipeline.OrderedLine}s, in which the caller's thread plans what goes through
 * them. In a restore, workers read, decode and check frames, each with its {@link io.platter.pipeline.FrameScatter}, and
 * others write them. In a conversion, workers read {@link io.platter.pipeline.Piece}s, find zeros and encode blocks, and
 * one thread gives them to the target in the order of the disk.
 */
package io.platter.pipeline;
