/** What the kinds of filesystems have in common. Not exported. */
package io.platter.filesystem.kit;
