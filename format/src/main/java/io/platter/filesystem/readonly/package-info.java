/** Filesystems that are written once: squashfs, EROFS, UDF, ISO 9660. */
package io.platter.filesystem.readonly;
