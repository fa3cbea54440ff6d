/**
 * What all operating systems have in common below the exported types: the calls that one must offer
 * ({@link io.platter.nativeio.platform.NativeMachine}), and the devices built over them. Not exported.
 *
 * <p>JNA is touched by the packages of the systems only, and there as late as possible: a program that images files
 * loads no class of it.
 */
package io.platter.nativeio.platform;
