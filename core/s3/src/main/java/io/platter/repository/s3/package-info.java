/** Repositories in S3 object storage: {@link io.platter.repository.s3.S3Store}. */
package io.platter.repository.s3;
