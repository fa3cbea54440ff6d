package io.platter.repository;

import java.security.SecureRandom;
import java.time.Clock;
import java.util.Random;

/**
 * What a repository has from outside.
 *
 * @param clock gives images and collections their times
 * @param random gives sessions, packs and lists their ids
 * @param pauseMillis how long to wait before a request is sent again
 * @param packSize how large packs become, in bytes
 */
record Surroundings(Clock clock, Random random, long pauseMillis, int packSize) {
    static Surroundings real() {
        return new Surroundings(Clock.systemUTC(), new SecureRandom(), 200, 32 << 20);
    }
}
