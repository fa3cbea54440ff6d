/** Linux swap space. */
package io.platter.filesystem.swap;
