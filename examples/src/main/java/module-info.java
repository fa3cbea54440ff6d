import org.jspecify.annotations.NullMarked;

/** Programs over the library. */
@NullMarked
module io.platter.examples {
    requires static org.jspecify;
    requires io.platter.core;
    requires io.platter.nativeio;
    requires info.picocli;
    requires me.tongfei.progressbar;

    opens io.platter.examples to
            info.picocli;
}
