/** VMware's VMDK. */
package io.platter.virtualdisk.vmdk;
