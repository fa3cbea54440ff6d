package io.platter.nbd;

import java.util.Optional;
import javax.net.ssl.SSLContext;

/**
 * How a disk of an NBD server is opened.
 *
 * <p>Immutable.
 */
public final class NbdOptions {
    private static final NbdOptions DEFAULTS = new NbdOptions(Optional.empty(), false);

    private final Optional<SSLContext> tls;
    private final boolean writable;

    private NbdOptions(Optional<SSLContext> tls, boolean writable) {
        this.tls = tls;
        this.writable = writable;
    }

    /** Returns the options for reading without TLS. */
    public static NbdOptions defaults() {
        return DEFAULTS;
    }

    /** Returns these options for writing, too. */
    public NbdOptions writable() {
        return new NbdOptions(tls, true);
    }

    /**
     * Returns these options with what decides whom to trust, for addresses under TLS; without a call, it is what the JDK
     * trusts, see {@link SSLContext#getDefault}.
     */
    public NbdOptions tls(SSLContext context) {
        return new NbdOptions(Optional.of(context), writable);
    }

    Optional<SSLContext> tls() {
        return tls;
    }

    boolean isWritable() {
        return writable;
    }

    @Override
    public String toString() {
        return "NbdOptions[" + (writable ? "writable" : "") + (tls.isPresent() ? " tls" : "") + "]";
    }
}
