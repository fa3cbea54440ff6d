/**
 * Reading a disk that has bad sectors: {@link io.platter.block.rescue.SectorReader} gets what is good.
 *
 * @since 0.1.0
 */
package io.platter.block.rescue;
