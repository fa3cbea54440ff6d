/** Checksums that formats and filesystems have in common. Not exported. */
package io.platter.checksum;
