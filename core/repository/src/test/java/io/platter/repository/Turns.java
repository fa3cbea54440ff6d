package io.platter.repository;

import java.util.Random;

/**
 * Lets one of several actors act at a time: when all wait, or have ended, a seed says who is next. Some actors are much slower than
 * others.
 */
final class Turns {
    private static final int NOBODY = -1;

    private final Random random;
    private final int[] weights;
    private final boolean[] waiting;
    private final boolean[] ended;
    private int turn = NOBODY;

    Turns(int actors, Random random) {
        this.random = random;
        this.weights = new int[actors];
        for (int actor = 0; actor < actors; actor++) {
            weights[actor] = 1 << (2 * random.nextInt(4));
        }
        this.waiting = new boolean[actors];
        this.ended = new boolean[actors];
    }

    /** Waits until it is the actor's turn. */
    synchronized void await(int actor) {
        waiting[actor] = true;
        pick();
        while (turn != actor) {
            try {
                wait();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }
        turn = NOBODY;
        waiting[actor] = false;
    }

    /** Takes note that an actor acts no more. */
    synchronized void end(int actor) {
        ended[actor] = true;
        pick();
    }

    private void pick() {
        int count = 0;
        for (int actor = 0; actor < waiting.length; actor++) {
            if (!waiting[actor] && !ended[actor]) {
                return;
            }
            count += waiting[actor] ? weights[actor] : 0;
        }
        if (count == 0 || turn != NOBODY) {
            return;
        }
        int chosen = random.nextInt(count);
        for (int actor = 0; actor < waiting.length; actor++) {
            if (waiting[actor] && turn == NOBODY) {
                chosen -= weights[actor];
                turn = chosen < 0 ? actor : NOBODY;
            }
        }
        notifyAll();
    }
}
