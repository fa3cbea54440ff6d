/**
 * The seam between images and who keeps them in parts: {@link io.platter.pack.PackSource} for reading, {@link
 * io.platter.pack.PackStore} for writing. An image file needs neither. A repository of many images is one implementation;
 * whoever keeps packs elsewhere writes another.
 *
 * <p>A <em>pack</em> is a file of the image format with frames, or pages, and without images. A <em>manifest</em> is one with an
 * image whose index names other packs.
 */
package io.platter.pack;
