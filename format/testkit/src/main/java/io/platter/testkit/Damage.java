package io.platter.testkit;

import io.platter.block.BlockDevice;
import io.platter.block.ImageFormatException;
import io.platter.block.MemoryDevice;
import java.io.IOException;
import java.util.Arrays;
import java.util.Random;

/**
 * Runs a parser over damaged copies of its input. The parser may return, after checking for itself that what it found
 * is right, or throw an {@link ImageFormatException}; anything else fails the test with the damage that did it.
 */
public final class Damage {
    private Damage() {}

    /** What is tried on each damaged copy. */
    @FunctionalInterface
    public interface Parser {
        /**
         * Reads the copy.
         *
         * @throws IOException an {@link ImageFormatException} if the copy is refused
         */
        void parse(BlockDevice device) throws IOException;
    }

    /**
     * Inverts the bits of every {@code stride}-th byte, one at a time.
     *
     * @throws AssertionError if the parser fails in another way than with an {@link ImageFormatException}
     */
    public static void flips(byte[] input, int stride, Parser parser) {
        byte[] copy = input.clone();
        for (int i = 0; i < copy.length; i += stride) {
            copy[i] ^= (byte) 0xFF;
            attempt("byte " + i + " inverted", copy, parser);
            copy[i] ^= (byte) 0xFF;
        }
    }

    /**
     * Cuts the input off at every {@code stride}-th length.
     *
     * @throws AssertionError if the parser fails in another way than with an {@link ImageFormatException}
     */
    public static void truncations(byte[] input, int stride, Parser parser) {
        for (int length = 0; length < input.length; length += stride) {
            attempt("cut off at " + length, Arrays.copyOf(input, length), parser);
        }
    }

    /**
     * Damages a few bytes at random, {@code rounds} times, with interesting values as well as random ones.
     *
     * @param seed of the places and values; the message of a failure names it and the round
     * @throws AssertionError if the parser fails in another way than with an {@link ImageFormatException}
     */
    public static void fuzz(byte[] input, long seed, int rounds, Parser parser) {
        Random random = new Random(seed);
        byte[] copy = input.clone();
        for (int round = 0; round < rounds; round++) {
            int changes = 1 + random.nextInt(6);
            int[] places = new int[changes];
            for (int i = 0; i < changes; i++) {
                places[i] = random.nextInt(copy.length);
                copy[places[i]] = interesting(random);
            }
            attempt("seed " + seed + ", round " + round, copy, parser);
            for (int place : places) {
                copy[place] = input[place];
            }
        }
    }

    private static byte interesting(Random random) {
        return switch (random.nextInt(5)) {
            case 0 -> 0;
            case 1 -> -1;
            case 2 -> (byte) 0x80;
            case 3 -> 0x7F;
            default -> (byte) random.nextInt();
        };
    }

    private static void attempt(String damage, byte[] copy, Parser parser) {
        try {
            parser.parse(MemoryDevice.over(copy));
        } catch (ImageFormatException expected) {
            // Refused, as it should be.
        } catch (Throwable e) {
            throw new AssertionError(damage + ": " + e, e);
        }
    }
}
