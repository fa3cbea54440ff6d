package io.platter.repository;

import java.util.List;

/**
 * What a collection did.
 *
 * <p>Immutable.
 *
 * @param packsGivenUp how many packs were given up: a later collection deletes them
 * @param bytesGivenUp how many bytes these have
 * @param bytesMoved how many bytes were moved out of them, into new packs
 * @param packsDeleted how many packs were deleted, which an earlier collection gave up
 * @param bytesFreed how many bytes these had
 * @param sessionsGivenUp how many captures and collections were given up that had not ended
 * @param waitingFor how many captures are still open for which the deletion of packs waits
 * @param damaged packs that were left alone, since what is needed of them can't be read; with the reason
 */
public record CollectReport(
        int packsGivenUp,
        long bytesGivenUp,
        long bytesMoved,
        int packsDeleted,
        long bytesFreed,
        int sessionsGivenUp,
        int waitingFor,
        List<String> damaged) {
    /** Copies the list. */
    public CollectReport {
        damaged = List.copyOf(damaged);
    }
}
