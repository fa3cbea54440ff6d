/** exFAT. */
package io.platter.filesystem.exfat;
