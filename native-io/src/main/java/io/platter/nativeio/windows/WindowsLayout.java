package io.platter.nativeio.windows;

/**
 * Where the fields of structures of {@code winioctl.h} and {@code minwinbase.h} stand, in bytes, on 64-bit Windows. Each
 * class bears the name of the structure, each constant that of a field, with an underscore for a dot; a test compares
 * them with what the C compiler makes of the headers.
 */
final class WindowsLayout {
    private WindowsLayout() {}

    static final class OVERLAPPED {
        private OVERLAPPED() {}

        static final int SIZE = 32;
        static final int Offset = 16;
        static final int OffsetHigh = 20;
    }

    static final class DISK_GEOMETRY {
        private DISK_GEOMETRY() {}

        static final int SIZE = 24;
        static final int BytesPerSector = 20;
    }

    static final class DISK_GEOMETRY_EX {
        private DISK_GEOMETRY_EX() {}

        static final int Geometry_BytesPerSector = 20;
        static final int DiskSize = 24;
    }

    static final class GET_LENGTH_INFORMATION {
        private GET_LENGTH_INFORMATION() {}

        static final int SIZE = 8;
        static final int Length = 0;
    }

    static final class STORAGE_PROPERTY_QUERY {
        private STORAGE_PROPERTY_QUERY() {}

        static final int SIZE = 12;
        static final int PropertyId = 0;
        static final int QueryType = 4;
    }

    static final class STORAGE_DEVICE_DESCRIPTOR {
        private STORAGE_DEVICE_DESCRIPTOR() {}

        static final int RemovableMedia = 10;
        static final int VendorIdOffset = 12;
        static final int ProductIdOffset = 16;
        static final int SerialNumberOffset = 24;
        static final int BusType = 28;
    }

    static final class STORAGE_ACCESS_ALIGNMENT_DESCRIPTOR {
        private STORAGE_ACCESS_ALIGNMENT_DESCRIPTOR() {}

        static final int SIZE = 28;
        static final int BytesPerPhysicalSector = 20;
    }

    static final class DEVICE_SEEK_PENALTY_DESCRIPTOR {
        private DEVICE_SEEK_PENALTY_DESCRIPTOR() {}

        static final int IncursSeekPenalty = 8;
    }

    static final class DEVICE_TRIM_DESCRIPTOR {
        private DEVICE_TRIM_DESCRIPTOR() {}

        static final int TrimEnabled = 8;
    }

    static final class DRIVE_LAYOUT_INFORMATION_EX {
        private DRIVE_LAYOUT_INFORMATION_EX() {}

        static final int PartitionCount = 4;
        static final int PartitionEntry = 48;
    }

    static final class PARTITION_INFORMATION_EX {
        private PARTITION_INFORMATION_EX() {}

        static final int SIZE = 144;
        static final int StartingOffset = 8;
        static final int PartitionLength = 16;
        static final int PartitionNumber = 24;
    }

    static final class VOLUME_DISK_EXTENTS {
        private VOLUME_DISK_EXTENTS() {}

        static final int NumberOfDiskExtents = 0;
        static final int Extents = 8;
    }

    static final class DISK_EXTENT {
        private DISK_EXTENT() {}

        static final int SIZE = 24;
        static final int DiskNumber = 0;
    }

    static final class DEVICE_MANAGE_DATA_SET_ATTRIBUTES {
        private DEVICE_MANAGE_DATA_SET_ATTRIBUTES() {}

        static final int SIZE = 28;
        static final int Size = 0;
        static final int Action = 4;
        static final int DataSetRangesOffset = 20;
        static final int DataSetRangesLength = 24;
    }

    static final class DEVICE_DATA_SET_RANGE {
        private DEVICE_DATA_SET_RANGE() {}

        static final int SIZE = 16;
        static final int StartingOffset = 0;
        static final int LengthInBytes = 8;
    }

    static final class FILE_ALLOCATED_RANGE_BUFFER {
        private FILE_ALLOCATED_RANGE_BUFFER() {}

        static final int SIZE = 16;
        static final int FileOffset = 0;
        static final int Length = 8;
    }

    static final class FILE_ZERO_DATA_INFORMATION {
        private FILE_ZERO_DATA_INFORMATION() {}

        static final int SIZE = 16;
        static final int FileOffset = 0;
        static final int BeyondFinalZero = 8;
    }
}
