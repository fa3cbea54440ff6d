package io.platter.cli;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.Optional;
import java.util.function.IntConsumer;

/**
 * A signal of the system that this program handles. The JDK's only way to it is {@code sun.misc.Signal}, of the module
 * {@code jdk.unsupported}, which is reached by reflection because the compiler warns of its name and can't be told not to.
 * (A shutdown hook would run at the first interrupt, but can't hear of a second.)
 *
 * <p>Immutable.
 *
 * @param signal the {@code sun.misc.Signal}
 * @param before the {@code sun.misc.SignalHandler} that it had
 */
record Signal(Object signal, Object before) {
    private static final String SIGNAL = "sun.misc.Signal";
    private static final String HANDLER = "sun.misc.SignalHandler";

    /**
     * Handles a signal, unless it is ignored, as by a program that a shell runs in the background, or can't be handled
     * here: Windows has no HUP, and {@code java -Xrs} leaves all to the system.
     *
     * @param handler is given the signal's number, on a thread of its own
     */
    static Optional<Signal> handle(String name, IntConsumer handler) {
        try {
            Class<?> handlerType = Class.forName(HANDLER);
            Object proxy = Proxy.newProxyInstance(
                    handlerType.getClassLoader(), new Class<?>[] {handlerType}, (self, method, arguments) -> {
                        if (method.getName().equals("handle")) {
                            handler.accept((int) arguments[0]
                                    .getClass()
                                    .getMethod("getNumber")
                                    .invoke(arguments[0]));
                            return null;
                        }
                        return ofObject(self, method.getName(), arguments);
                    });
            Object signal = Class.forName(SIGNAL).getConstructor(String.class).newInstance(name);
            Signal handled = new Signal(signal, set(signal, proxy));
            if (handled.before.equals(handlerType.getField("SIG_IGN").get(null))) {
                handled.restore();
                return Optional.empty();
            }
            return Optional.of(handled);
        } catch (ReflectiveOperationException e) {
            return Optional.empty(); // Then the system ends the program, as it would without us.
        }
    }

    /** Of Object's methods, a table of handlers may call these. */
    @SuppressWarnings("ReferenceEquality") // That is what it means for a proxy, whose equals is this.
    private static Object ofObject(Object self, String method, Object... arguments) {
        return switch (method) {
            case "equals" -> self == arguments[0];
            case "hashCode" -> System.identityHashCode(self);
            default -> "Platter's handler";
        };
    }

    private static Object set(Object signal, Object handler) throws ReflectiveOperationException {
        return Class.forName(SIGNAL)
                .getMethod("handle", Class.forName(SIGNAL), Class.forName(HANDLER))
                .invoke(null, signal, handler);
    }

    /** Gives the signal the handler back that it had. */
    void restore() {
        try {
            set(signal, before);
        } catch (InvocationTargetException e) {
            throw new IllegalStateException(e.getCause());
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }
}
