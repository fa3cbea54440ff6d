/**
 * Disks over the network, by the NBD protocol: {@link io.platter.nbd.NbdServer} serves any device, so that a hypervisor
 * boots from an image that was not restored; {@link io.platter.nbd.NbdDevice} is a disk that another server serves, to be
 * captured, restored to or read.
 *
 * <p>The protocol is the NBD project's {@code doc/proto.md} of 2026: the fixed newstyle handshake, structured replies,
 * {@code base:allocation}, TLS; addresses are those of {@code doc/uri.md}.
 *
 * @since 0.1.0
 */
package io.platter.nbd;
