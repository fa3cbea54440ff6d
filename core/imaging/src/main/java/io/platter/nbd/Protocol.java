package io.platter.nbd;

/** The numbers of the NBD protocol, by the names of its {@code doc/proto.md} without the {@code NBD_} in front. */
final class Protocol {
    static final long MAGIC = 0x4e42444d41474943L; // "NBDMAGIC"
    static final long OPTION_MAGIC = 0x49484156454f5054L; // "IHAVEOPT"
    static final long OPTION_REPLY_MAGIC = 0x3e889045565a9L;
    static final long OLD_STYLE_MAGIC = 0x420281861253L;
    static final int REQUEST_MAGIC = 0x25609513;
    static final int SIMPLE_REPLY_MAGIC = 0x67446698;
    static final int STRUCTURED_REPLY_MAGIC = 0x668e33ef;

    static final int FLAG_FIXED_NEWSTYLE = 1;
    static final int FLAG_NO_ZEROES = 2;

    static final int OPT_EXPORT_NAME = 1;
    static final int OPT_ABORT = 2;
    static final int OPT_LIST = 3;
    static final int OPT_STARTTLS = 5;
    static final int OPT_INFO = 6;
    static final int OPT_GO = 7;
    static final int OPT_STRUCTURED_REPLY = 8;
    static final int OPT_LIST_META_CONTEXT = 9;
    static final int OPT_SET_META_CONTEXT = 10;

    static final int REP_ACK = 1;
    static final int REP_SERVER = 2;
    static final int REP_INFO = 3;
    static final int REP_META_CONTEXT = 4;
    static final int REP_ERR_UNSUP = 0x8000_0001;
    static final int REP_ERR_POLICY = 0x8000_0002;
    static final int REP_ERR_INVALID = 0x8000_0003;
    static final int REP_ERR_TLS_REQD = 0x8000_0005;
    static final int REP_ERR_UNKNOWN = 0x8000_0006;
    static final int REP_ERR_SHUTDOWN = 0x8000_0007;
    static final int REP_ERR_BLOCK_SIZE_REQD = 0x8000_0008;
    static final int REP_ERR_TOO_BIG = 0x8000_0009;

    static final int INFO_EXPORT = 0;
    static final int INFO_NAME = 1;
    static final int INFO_DESCRIPTION = 2;
    static final int INFO_BLOCK_SIZE = 3;

    static final int HAS_FLAGS = 1;
    static final int READ_ONLY = 1 << 1;
    static final int SEND_FLUSH = 1 << 2;
    static final int SEND_FUA = 1 << 3;
    static final int SEND_TRIM = 1 << 5;
    static final int SEND_WRITE_ZEROES = 1 << 6;
    static final int SEND_DF = 1 << 7;
    static final int CAN_MULTI_CONN = 1 << 8;
    static final int SEND_CACHE = 1 << 10;

    static final int CMD_READ = 0;
    static final int CMD_WRITE = 1;
    static final int CMD_DISC = 2;
    static final int CMD_FLUSH = 3;
    static final int CMD_TRIM = 4;
    static final int CMD_CACHE = 5;
    static final int CMD_WRITE_ZEROES = 6;
    static final int CMD_BLOCK_STATUS = 7;

    static final int CMD_FLAG_FUA = 1;
    static final int CMD_FLAG_NO_HOLE = 1 << 1;
    static final int CMD_FLAG_DF = 1 << 2;
    static final int CMD_FLAG_REQ_ONE = 1 << 3;

    static final int REPLY_FLAG_DONE = 1;
    static final int REPLY_NONE = 0;
    static final int REPLY_OFFSET_DATA = 1;
    static final int REPLY_OFFSET_HOLE = 2;
    static final int REPLY_BLOCK_STATUS = 5;
    static final int REPLY_ERROR = 0x8001;
    static final int REPLY_ERROR_OFFSET = 0x8002;
    /** All types of replies that have this bit are errors. */
    static final int REPLY_IS_ERROR = 0x8000;

    static final int EPERM = 1;
    static final int EIO = 5;
    static final int ENOMEM = 12;
    static final int EINVAL = 22;
    static final int ENOSPC = 28;
    static final int ENOTSUP = 95;
    static final int ESHUTDOWN = 108;

    static final int STATE_HOLE = 1;
    static final int STATE_ZERO = 1 << 1;
    /** Of {@code qemu:dirty-bitmap}. */
    static final int STATE_DIRTY = 1;

    static final String BASE_ALLOCATION = "base:allocation";
    static final String DIRTY_BITMAP = "qemu:dirty-bitmap:overlay";
    static final String ALLOCATION_DEPTH = "qemu:allocation-depth";

    /** The port of IANA. */
    static final int PORT = 10809;
    /** What the protocol lets a request have at the most unless the server says otherwise, in bytes. */
    static final int MAX_PAYLOAD = 32 << 20;
    /** The most bytes of a name or description. */
    static final int MAX_STRING = 4096;
    /** More than any option of the handshake needs, in bytes. */
    static final int MAX_OPTION = 64 << 10;

    static final int REQUEST_LENGTH = 28;
    static final int SIMPLE_REPLY_LENGTH = 16;
    static final int STRUCTURED_REPLY_LENGTH = 20;

    private Protocol() {}

    /** Returns a text for an error number of the protocol. */
    static String errorText(int error) {
        return switch (error) {
            case EPERM -> "the export does not allow it";
            case EIO -> "input/output error";
            case ENOMEM -> "the server has no memory for it";
            case EINVAL -> "the server calls the request invalid";
            case ENOSPC -> "no space left on the export";
            case ENOTSUP -> "the server does not support it";
            case ESHUTDOWN -> "the server is shutting down";
            default -> "the server answered with an error";
        };
    }
}
