/** LVM2. */
package io.platter.filesystem.lvm;
