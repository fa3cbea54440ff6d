package io.platter.nativeio.windows;

/**
 * Numbers of the Windows API under their own names, with the header that each comes from; a test compares them with what
 * the headers of MinGW say.
 */
final class WindowsConstants {
    private WindowsConstants() {}

    // winnt.h
    static final int GENERIC_READ = 0x80000000;
    static final int GENERIC_WRITE = 0x40000000;
    static final int FILE_SHARE_READ = 1;
    static final int FILE_SHARE_WRITE = 2;
    static final int FILE_SHARE_DELETE = 4;

    // fileapi.h, winbase.h
    static final int OPEN_EXISTING = 3;
    static final int FILE_FLAG_NO_BUFFERING = 0x20000000;
    static final int FILE_FLAG_WRITE_THROUGH = 0x80000000;
    static final int FORMAT_MESSAGE_IGNORE_INSERTS = 0x200;
    static final int FORMAT_MESSAGE_FROM_SYSTEM = 0x1000;

    // winerror.h
    static final int ERROR_INVALID_FUNCTION = 1;
    static final int ERROR_FILE_NOT_FOUND = 2;
    static final int ERROR_PATH_NOT_FOUND = 3;
    static final int ERROR_ACCESS_DENIED = 5;
    static final int ERROR_NO_MORE_FILES = 18;
    static final int ERROR_WRITE_PROTECT = 19;
    static final int ERROR_NOT_READY = 21;
    static final int ERROR_SHARING_VIOLATION = 32;
    static final int ERROR_NOT_SUPPORTED = 50;
    static final int ERROR_DEV_NOT_EXIST = 55;
    static final int ERROR_MORE_DATA = 234;
    static final int ERROR_MEDIA_CHANGED = 1110;
    static final int ERROR_NO_MEDIA_IN_DRIVE = 1112;
    static final int ERROR_DEVICE_NOT_CONNECTED = 1167;

    // winioctl.h
    static final int IOCTL_DISK_GET_DRIVE_GEOMETRY = 0x70000;
    static final int IOCTL_DISK_GET_DRIVE_GEOMETRY_EX = 0x700a0;
    static final int IOCTL_DISK_GET_LENGTH_INFO = 0x7405c;
    static final int IOCTL_DISK_IS_WRITABLE = 0x70024;
    static final int IOCTL_DISK_GET_DRIVE_LAYOUT_EX = 0x70050;
    static final int IOCTL_DISK_UPDATE_PROPERTIES = 0x70140;
    static final int IOCTL_STORAGE_QUERY_PROPERTY = 0x2d1400;
    static final int IOCTL_STORAGE_MANAGE_DATA_SET_ATTRIBUTES = 0x2d9404;
    static final int IOCTL_VOLUME_GET_VOLUME_DISK_EXTENTS = 0x560000;
    static final int FSCTL_LOCK_VOLUME = 0x90018;
    static final int FSCTL_DISMOUNT_VOLUME = 0x90020;
    static final int FSCTL_ALLOW_EXTENDED_DASD_IO = 0x90083;
    static final int FSCTL_SET_SPARSE = 0x900c4;
    static final int FSCTL_SET_ZERO_DATA = 0x980c8;
    static final int FSCTL_QUERY_ALLOCATED_RANGES = 0x940cf;
    static final int StorageDeviceProperty = 0;
    static final int StorageAccessAlignmentProperty = 6;
    static final int StorageDeviceSeekPenaltyProperty = 7;
    static final int StorageDeviceTrimProperty = 8;
    static final int DeviceDsmAction_Trim = 1;
}
