/** NTFS. */
package io.platter.filesystem.ntfs;
