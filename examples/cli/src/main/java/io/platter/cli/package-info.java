/**
 * Runnable programs over the library, each about a page, and {@link io.platter.cli.Main}, the command-line program
 * that joins them. They show how the library is used, and hold no logic that belongs in it.
 */
package io.platter.cli;
