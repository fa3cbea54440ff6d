package io.platter.virtualdisk.vmdk;

/**
 * One line of a descriptor: a part of the disk, and where its bytes are.
 *
 * @param lineOffset where the line stands in the descriptor's file, in bytes
 * @param type the word for how the bytes are stored, such as FLAT
 * @param length how many bytes of the disk it has
 * @param name the name of the file that holds them; empty if the line has none
 * @param fileOffset where they start in that file, in bytes
 */
record FileExtent(long lineOffset, String type, long length, String name, long fileOffset) {}
