/** ext2, ext3 and ext4. */
package io.platter.filesystem.ext;
