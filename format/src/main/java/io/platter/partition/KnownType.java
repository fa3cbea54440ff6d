package io.platter.partition;

/**
 * The partition types that have a name here.
 *
 * <p>Sources of the GUIDs: UEFI 2.10 §5.3.3, table 5.7; the UAPI group's Discoverable Partitions and Boot Loader
 * Specifications (Linux); Microsoft Learn, PARTITION_INFORMATION_GPT (Windows); Apple TN2166 and the APFS reference
 * (macOS); gpt(8) of FreeBSD, NetBSD and OpenBSD. Source of the bytes: A. E. Brouwer, "Partition types"; Microsoft
 * Learn, PARTITION_INFORMATION_MBR. Both are checked against {@code sfdisk --list-types} in the tests.
 */
enum KnownType {
    EFI_SYSTEM("efi", "EFI system", "C12A7328-F81F-11D2-BA4B-00A0C93EC93B", 0xEF),
    BIOS_BOOT("bios-boot", "BIOS boot", "21686148-6449-6E6F-744E-656564454649"),
    PREP_BOOT("prep-boot", "PowerPC PReP boot", "9E1A2D38-C612-4316-AA26-8B49521E5A8B", 0x41),
    MBR_SCHEME("mbr-scheme", "MBR partition scheme", "024DEE41-33E7-11D3-9D69-0008C781F39F"),

    LINUX("linux", "Linux filesystem", "0FC63DAF-8483-4772-8E79-3D69D8477DE4", 0x83),
    LINUX_SWAP("swap", "Linux swap", "0657FD6D-A4AB-43C4-84E5-0933C84B4F4F", 0x82),
    LINUX_LVM("lvm", "Linux LVM", "E6D6D379-F507-44C2-A23C-238F2A3DF928", 0x8E),
    LINUX_RAID("raid", "Linux RAID", "A19D880F-05FC-4D3B-A006-743F0F84911E", 0xFD),
    LINUX_BOOT("xbootldr", "Linux extended boot", "BC13C2FF-59E6-4262-A352-B275FD6F7172", 0xEA),
    LINUX_HOME("home", "Linux home", "933AC7E1-2EB4-4F13-B844-0E14E2AEF915"),
    LINUX_SERVER("srv", "Linux server data", "3B8F8425-20E0-4F3B-907F-1A25A76F98E8"),
    LINUX_VAR("var", "Linux variable data", "4D21B016-B534-45C2-A9FB-5C16E091FD2D"),
    LINUX_TMP("tmp", "Linux temporary data", "7EC6F557-3BC5-4ACA-B293-16EF5DF639D1"),
    LINUX_ROOT_X86("root-x86", "Linux root (x86)", "44479540-F297-41B2-9AF7-D131D5F0458A"),
    LINUX_ROOT_X86_64("root-x86-64", "Linux root (x86-64)", "4F68BCE3-E8CD-4DB1-96E7-FBCAF984B709"),
    LINUX_ROOT_ARM("root-arm", "Linux root (ARM)", "69DAD710-2CE4-4E3C-B16C-21A1D49ABED3"),
    LINUX_ROOT_ARM64("root-arm64", "Linux root (ARM-64)", "B921B045-1DF0-41C3-AF44-4C6F280D3FAE"),
    LINUX_ROOT_RISCV64("root-riscv64", "Linux root (RISC-V-64)", "72EC70A6-CF74-40E6-BD49-4BDA08E8F224"),
    LINUX_USR_X86_64("usr-x86-64", "Linux /usr (x86-64)", "8484680C-9521-48C6-9C11-B0720656F69E"),
    LINUX_USR_ARM64("usr-arm64", "Linux /usr (ARM-64)", "B0E01050-EE5F-4390-949A-9101B17104E9"),
    LINUX_ROOT_VERITY_X86_64(
            "root-verity-x86-64", "Linux root verity (x86-64)", "2C7357ED-EBD2-46D9-AEC1-23D437EC2BF5"),
    LINUX_LUKS("luks", "Linux LUKS", "CA7D7CCB-63ED-4C53-861C-1742536059CC"),
    LINUX_RESERVED("linux-reserved", "Linux reserved", "8DA63339-0007-60C0-C436-083AC8230908"),

    WINDOWS_DATA("windows-data", "Microsoft basic data", "EBD0A0A2-B9E5-4433-87C0-68B6B72699C7"),
    WINDOWS_RESERVED("windows-reserved", "Microsoft reserved", "E3C9E316-0B5C-4DB8-817D-F92DF00215AE"),
    WINDOWS_RECOVERY("windows-recovery", "Windows recovery", "DE94BBA4-06D1-4D40-A16A-BFD50179D6AC", 0x27),
    WINDOWS_LDM_METADATA("ldm-metadata", "Microsoft LDM metadata", "5808C8AA-7E8F-42E0-85D2-E1E90434CFB3"),
    WINDOWS_LDM_DATA("ldm-data", "Microsoft LDM data", "AF9B60A0-1431-4F62-BC68-3311714A69AD", 0x42),
    WINDOWS_STORAGE_SPACES("storage-spaces", "Microsoft Storage Spaces", "E75CAF8F-F680-4CEE-AFA3-B001E56EFC2D"),

    APPLE_HFS("apple-hfs", "Apple HFS+", "48465300-0000-11AA-AA11-00306543ECAC", 0xAF),
    APPLE_APFS("apfs", "Apple APFS", "7C3457EF-0000-11AA-AA11-00306543ECAC"),
    APPLE_BOOT("apple-boot", "Apple boot", "426F6F74-0000-11AA-AA11-00306543ECAC", 0xAB),
    APPLE_CORE_STORAGE("core-storage", "Apple Core Storage", "53746F72-6167-11AA-AA11-00306543ECAC"),
    SOLARIS_USR("zfs", "Solaris /usr or ZFS", "6A898CC3-1DD2-11B2-99A6-080020736631"),

    FREEBSD("freebsd", "FreeBSD disklabel", "516E7CB4-6ECF-11D6-8FF8-00022D09712B", 0xA5),
    FREEBSD_BOOT("freebsd-boot", "FreeBSD boot", "83BD6B9D-7F41-11DC-BE0B-001560B84F0F"),
    FREEBSD_SWAP("freebsd-swap", "FreeBSD swap", "516E7CB5-6ECF-11D6-8FF8-00022D09712B"),
    FREEBSD_UFS("freebsd-ufs", "FreeBSD UFS", "516E7CB6-6ECF-11D6-8FF8-00022D09712B"),
    FREEBSD_ZFS("freebsd-zfs", "FreeBSD ZFS", "516E7CBA-6ECF-11D6-8FF8-00022D09712B"),
    OPENBSD("openbsd", "OpenBSD disklabel", "824CC7A0-36A8-11E3-890A-952519AD3F61", 0xA6),
    NETBSD("netbsd", "NetBSD disklabel", "", 0xA9),
    NETBSD_FFS("netbsd-ffs", "NetBSD FFS", "49F48D5A-B10E-11DC-B99B-0019D1879648"),

    VMFS("vmfs", "VMware VMFS", "AA31E02A-400F-11DB-9590-000C2911D1B8", 0xFB),
    CHROMEOS_KERNEL("chromeos-kernel", "ChromeOS kernel", "FE3A2A5D-4F32-41A7-B725-ACCC3285A309"),
    CHROMEOS_ROOT("chromeos-root", "ChromeOS root", "3CB8E202-3B7E-47DD-8A3C-7FF2A13CFCEC"),

    EXTENDED("extended", "Extended", "", 0x05),
    EXTENDED_LBA("extended-lba", "Extended (LBA)", "", 0x0F),
    LINUX_EXTENDED("linux-extended", "Linux extended", "", 0x85),
    FAT12("fat12", "FAT12", "", 0x01),
    FAT16_SMALL("fat16-small", "FAT16 below 32 MB", "", 0x04),
    FAT16("fat16", "FAT16", "", 0x06),
    NTFS("ntfs", "NTFS, exFAT or HPFS", "", 0x07),
    FAT32_CHS("fat32-chs", "FAT32", "", 0x0B),
    FAT32("fat32", "FAT32 (LBA)", "", 0x0C),
    FAT16_LBA("fat16-lba", "FAT16 (LBA)", "", 0x0E),
    PROTECTIVE("protective", "GPT protective", "", 0xEE);

    private static final KnownType[] ALL = values();

    private final String key;
    private final String title;
    private final String guid;
    private final int mbrCode;

    KnownType(String key, String title, String guid) {
        this(key, title, guid, -1);
    }

    KnownType(String key, String title, String guid, int mbrCode) {
        this.key = key;
        this.title = title;
        this.guid = guid;
        this.mbrCode = mbrCode;
    }

    static KnownType[] all() {
        return ALL.clone();
    }

    /** Returns the short name that a layout calls it by. */
    String key() {
        return key;
    }

    /** Returns the name for people. */
    String title() {
        return title;
    }

    /** Returns the notation of this type in a kind of table, or an empty text if it has none there. */
    String code(PartitionScheme scheme) {
        return switch (scheme) {
            case GPT -> guid;
            case MBR -> mbrCode < 0 ? "" : Integer.toHexString(mbrCode);
            default -> "";
        };
    }
}
