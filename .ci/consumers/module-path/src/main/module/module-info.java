import io.platter.virtualdisk.VirtualDiskFormat;
import org.example.backup.PackedFormat;
import org.example.backup.PagedFormat;

/** A program of somebody who uses Platter. */
module org.example.backup {
    requires io.platter.core;
    requires io.platter.nativeio;

    provides VirtualDiskFormat with
            PackedFormat,
            PagedFormat;
}
