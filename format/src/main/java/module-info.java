import io.platter.block.BlockDeviceProvider;
import io.platter.device.Machine;
import io.platter.virtualdisk.VirtualDiskFormat;
import io.platter.virtualdisk.androidsparse.AndroidSparseFormat;
import io.platter.virtualdisk.ewf.EwfFormat;
import io.platter.virtualdisk.partclone.PartcloneFormat;
import io.platter.virtualdisk.qcow2.Qcow2Format;
import io.platter.virtualdisk.raw.RawFormat;
import io.platter.virtualdisk.vdi.VdiFormat;
import io.platter.virtualdisk.vhd.VhdFormat;
import io.platter.virtualdisk.vhdx.VhdxFormat;
import io.platter.virtualdisk.vmdk.VmdkFormat;
import org.jspecify.annotations.NullMarked;

/**
 * Bytes at rest: the image format, and the one interface through which bytes are reached.
 *
 * @since 0.1.0
 */
@NullMarked
@SuppressWarnings("module") // core is compiled after this
module io.platter.format {
    requires static transitive org.jspecify;
    requires com.github.luben.zstd_jni;
    requires jdk.unsupported;

    exports io.platter.block;
    exports io.platter.block.rescue;
    exports io.platter.bytes to
            io.platter.core,
            io.platter.repository,
            io.platter.nativeio;
    exports io.platter.device;
    exports io.platter.allocation;
    exports io.platter.filesystem;
    exports io.platter.image;
    exports io.platter.image.codec to
            io.platter.core,
            io.platter.repository;
    exports io.platter.partition;
    exports io.platter.virtualdisk;
    exports io.platter.virtualdisk.spi;

    uses BlockDeviceProvider;
    uses Machine;
    uses VirtualDiskFormat;

    provides VirtualDiskFormat with
            RawFormat,
            Qcow2Format,
            VmdkFormat,
            VhdFormat,
            VhdxFormat,
            VdiFormat,
            AndroidSparseFormat,
            PartcloneFormat,
            EwfFormat;
}
