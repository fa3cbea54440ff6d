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
 * @param elapsed how long it took
 */
public record VerifyReport(int images, long records, long blocks, long bytesRead, Duration elapsed) {}
