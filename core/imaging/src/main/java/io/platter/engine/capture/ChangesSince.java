package io.platter.engine.capture;

import io.platter.block.ExtentSet;
import io.platter.image.Sha256;

/**
 * Where a disk may differ from an earlier image of it, as its user says.
 *
 * <p>Immutable.
 *
 * @param imageId the id of the earlier image
 * @param changed what may differ, in bytes of the disk
 */
public record ChangesSince(Sha256 imageId, ExtentSet changed) {}
