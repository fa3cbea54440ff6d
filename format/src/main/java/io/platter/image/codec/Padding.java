package io.platter.image.codec;

import io.platter.block.CorruptImageException;
import java.nio.ByteBuffer;

/** Payloads that only take room: zeros, stored. */
public final class Padding {
    private Padding() {}

    /**
     * Checks that a record's payload is zeros, stored as they are.
     *
     * @throws CorruptImageException if it is not
     */
    public static void check(StoredRecord record) throws CorruptImageException {
        ByteBuffer payload = record.payload();
        boolean zeros = record.codec() == Codec.STORED;
        for (int i = 0; zeros && i < payload.limit(); i++) {
            zeros = payload.get(i) == 0;
        }
        if (!zeros) {
            throw record.corrupt("payload that is not zeros, expected only zeros");
        }
    }
}
