/** QEMU's qcow2, versions 2 and 3. */
package io.platter.virtualdisk.qcow2;
