/** VirtualBox's VDI. */
package io.platter.virtualdisk.vdi;
