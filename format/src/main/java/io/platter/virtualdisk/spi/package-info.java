/**
 * What formats of disk files are made of, for those of others too: a disk that is put together from a map of its file
 * ({@link io.platter.virtualdisk.spi.MappedDisk}), parents with a guard against endless chains
 * ({@link io.platter.virtualdisk.spi.Parents}), and writers that get a disk in order and cut it into blocks
 * ({@link io.platter.virtualdisk.spi.OrderedWriter}, {@link io.platter.virtualdisk.spi.BlockCutter}).
 *
 * @since 0.1.0
 */
package io.platter.virtualdisk.spi;
