/** HFS+ and HFSX. */
package io.platter.filesystem.hfsplus;
