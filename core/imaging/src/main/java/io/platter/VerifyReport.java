package io.platter;

import java.time.Duration;

/**
 * What a verification saw; there is a report only if nothing was wrong.
 *
 * <p>Immutable.
 *
 * @param images how many complete images the file has
 * @param records how many records were read
 * @param blocks how many blocks' hashes were checked; 0 in a quick verification
 * @param bytesRead bytes that were read from the file
 * @param tornBytes bytes behind the last commit, which do not count: an image was being written when that was interrupted,
 *     or the file was cut off
 * @param elapsed how long it took
 */
public record VerifyReport(int images, long records, long blocks, long bytesRead, long tornBytes, Duration elapsed) {}
