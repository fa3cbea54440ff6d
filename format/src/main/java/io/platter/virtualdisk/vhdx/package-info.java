/** Microsoft's VHDX. */
package io.platter.virtualdisk.vhdx;
