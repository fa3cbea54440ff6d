package io.platter.cli;

import java.util.Collection;
import java.util.Optional;

/** Finds the word that a mistyped one was meant to be. */
final class Suggestion {
    private Suggestion() {}

    /** Returns {@code ; did you mean X?}, or nothing if no word is near. */
    static String of(String typed, Collection<String> words) {
        return nearest(typed, words).map(word -> "; did you mean " + word + "?").orElse("");
    }

    private static Optional<String> nearest(String typed, Collection<String> words) {
        int least = Math.max(1, typed.length() / 3) + 1;
        Optional<String> nearest = Optional.empty();
        for (String word : words) {
            int distance = distance(typed, word);
            if (distance < least) {
                least = distance;
                nearest = Optional.of(word);
            }
        }
        return nearest;
    }

    /** How many letters were left out, added, replaced or swapped with their neighbours. */
    private static int distance(String one, String other) {
        int[][] distances = new int[one.length() + 1][other.length() + 1];
        for (int i = 0; i <= one.length(); i++) {
            for (int j = 0; j <= other.length(); j++) {
                if (i == 0 || j == 0) {
                    distances[i][j] = i + j;
                    continue;
                }
                int same = one.charAt(i - 1) == other.charAt(j - 1) ? 0 : 1;
                int least = Math.min(
                        Math.min(distances[i - 1][j], distances[i][j - 1]) + 1, distances[i - 1][j - 1] + same);
                if (i > 1
                        && j > 1
                        && one.charAt(i - 1) == other.charAt(j - 2)
                        && one.charAt(i - 2) == other.charAt(j - 1)) {
                    least = Math.min(least, distances[i - 2][j - 2] + 1);
                }
                distances[i][j] = least;
            }
        }
        return distances[one.length()][other.length()];
    }
}
