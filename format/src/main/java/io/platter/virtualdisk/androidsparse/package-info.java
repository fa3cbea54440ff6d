/** Android's sparse images. */
package io.platter.virtualdisk.androidsparse;
