/**
 * The image format's values and their bytes, as {@code docs/format.md} specifies them.
 *
 * <p>A file is a row of records: a {@link io.platter.image.codec.FileHeader}, frames of blocks, pages of the index,
 * properties, {@link io.platter.image.codec.ImageRoot}s, and {@link io.platter.image.codec.Commit}s that make everything before
 * them count. Each record starts with a {@link io.platter.image.codec.RecordHeader}. This package turns values into bytes
 * and back and knows no file; numbers and names are those of the specification.
 *
 * <p>Failures: bytes that contradict the format are a {@link io.platter.block.CorruptImageException}, features that
 * this version lacks an {@link io.platter.block.UnsupportedImageException}.
 *
 * @since 0.1.0
 */
package io.platter.image.codec;
