/**
 * Where records go: a file with its lock, its temporary name and its last commit, or a channel. Everything that creates,
 * truncates, renames or deletes a file of a user is here.
 */
package io.platter.engine.pack;
