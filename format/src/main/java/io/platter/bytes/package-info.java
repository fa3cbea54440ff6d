/** What formats and filesystems have in common: checksums, identities as text, a cache. Not exported. */
package io.platter.bytes;
