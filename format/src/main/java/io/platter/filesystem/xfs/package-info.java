/** XFS. */
package io.platter.filesystem.xfs;
