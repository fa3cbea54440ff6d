/** F2FS. */
package io.platter.filesystem.f2fs;
