/**
 * Partition tables: how a disk is divided, read from any {@link io.platter.block.BlockDevice}, and written to one.
 *
 * <p>{@link io.platter.partition.PartitionTables} reads and writes; what it returns is a
 * {@link io.platter.partition.PartitionTable}, a value with its {@link io.platter.partition.Partition}s and with what
 * is wrong with it as {@link io.platter.partition.Finding}s. A {@link io.platter.partition.PartitionLayout} says what a
 * new table shall look like.
 *
 * <p>A damaged or hostile table is no reason to fail: it is read as far as it can be, and its findings say how far that
 * is. Memory and time are bounded whatever the table says. All values are immutable. Nothing here tells the operating
 * system that a table has changed.
 *
 * @since 0.1.0
 */
package io.platter.partition;
