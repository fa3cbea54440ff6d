/**
 * Many images in one place: {@link io.platter.repository.Repository}. Captures go into it and restores come from it as with image
 * files; blocks that images share are kept once.
 *
 * <p>Nothing in a repository is ever changed: blobs are written once, and deleted when nothing needs them. Several programs and machines may
 * capture, restore, forget and collect at once, and each may be killed at any moment: what was reported to be there stays there. No
 * clock and no lock is trusted.
 */
package io.platter.repository;
