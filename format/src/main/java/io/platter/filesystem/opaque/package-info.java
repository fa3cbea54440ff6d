/** What is recognised and not looked into: encryption, arrays, pools. */
package io.platter.filesystem.opaque;
