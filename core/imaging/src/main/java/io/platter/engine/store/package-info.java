/** Writes an image to a store of packs: what goes to which pack, and what is used of packs that are there. */
package io.platter.engine.store;
