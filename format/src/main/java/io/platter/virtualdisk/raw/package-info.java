/** Files that are a disk's bytes. */
package io.platter.virtualdisk.raw;
