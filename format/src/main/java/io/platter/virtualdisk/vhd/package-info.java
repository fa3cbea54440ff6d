/** Microsoft's VHD. */
package io.platter.virtualdisk.vhd;
