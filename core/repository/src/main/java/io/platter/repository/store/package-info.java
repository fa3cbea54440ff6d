/**
 * Where a repository's blobs are: {@link io.platter.repository.store.BlobStore}, which others may implement, and {@link
 * io.platter.repository.store.DirectoryStore}.
 */
package io.platter.repository.store;
