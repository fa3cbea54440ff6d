/** What every store of blobs does, as tests: implement {@link io.platter.repository.testkit.BlobStoreContract} in a test class of your own. */
package io.platter.repository.testkit;
