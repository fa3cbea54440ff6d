/** Expert Witness files (E01). */
package io.platter.virtualdisk.ewf;
