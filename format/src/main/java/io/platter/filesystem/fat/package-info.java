/** FAT12, FAT16 and FAT32. */
package io.platter.filesystem.fat;
