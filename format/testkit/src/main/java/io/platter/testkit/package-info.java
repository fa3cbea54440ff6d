/**
 * Tests and devices for those who extend Platter: contracts that a device or a disk format of one's own has to keep to,
 * and devices that fail, or are large, on purpose.
 *
 * <p>A test class implements a contract, says how the thing under test is made, and JUnit runs the contract's tests:
 *
 * <ul>
 *   <li>{@link io.platter.testkit.BlockDeviceReadingContract} and {@link io.platter.testkit.BlockDeviceContract} for a
 *       {@link io.platter.block.BlockDevice} that is read, or read and written;
 *   <li>{@link io.platter.testkit.VirtualDiskReadingContract} and {@link io.platter.testkit.VirtualDiskFormatContract}
 *       for a {@link io.platter.virtualdisk.VirtualDiskFormat} that is read, or read and written.
 * </ul>
 *
 * <p>{@link io.platter.testkit.Damage} runs a parser over damaged input. To test with are {@link
 * io.platter.testkit.FaultyDevice}, {@link io.platter.testkit.SparseDevice}, {@link io.platter.testkit.ReadOnlyDevice},
 * {@link io.platter.testkit.SparseFile} and {@link io.platter.testkit.DiskModel}.
 *
 * <p>Failures are {@link java.lang.AssertionError}s of AssertJ. The system property {@code test.seed} replays a random
 * test.
 *
 * @since 0.1.0
 */
@NullMarked
package io.platter.testkit;

import org.jspecify.annotations.NullMarked;
