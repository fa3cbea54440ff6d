/** Images of partclone. */
package io.platter.virtualdisk.partclone;
