package io.emcache.internal.transport;

import io.emcache.NodeAddress;
import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.util.Objects;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * What a connection of a lane does before its first words: learns who the client is, and agrees on encryption. The event loop
 * waits for the socket; a background thread does the rest, one step at a time, so that neither cryptography nor the user's code
 * holds the loop up. All methods are for the loop.
 */
final class Handshake {
    private static final int IDLE = 0;
    private static final int RUNNING = 1;
    private static final int GIVEN_UP = 2;
    private static final int ENDED = 3;

    private boolean begun;
    private int interest;

    private final AtomicInteger state = new AtomicInteger(IDLE);
    private final Security security;
    private final NodeAddress node;
    private final SocketChannel channel;
    private final Executor background;
    private final Runnable onStep;

    private @Nullable SocketStream stream;
    private @Nullable Login login;
    private @Nullable Throwable failure;

    /**
     * @param channel connected
     * @param background runs the steps
     * @param onStep called by it after each one, unless this was given up
     */
    Handshake(Security security, NodeAddress node, SocketChannel channel, Executor background, Runnable onStep) {
        this.security = security;
        this.node = node;
        this.channel = channel;
        this.background = background;
        this.onStep = onStep;
    }

    /** Has the next step done: at the beginning, and whenever the socket is ready for what it waits for. */
    void step() {
        state.set(RUNNING);
        try {
            background.execute(this::run);
        } catch (RuntimeException | Error e) {
            state.set(IDLE);
            throw e;
        }
    }

    private void run() {
        try {
            advance();
        } catch (Throwable t) {
            failure = t;
        }
        if (state.compareAndSet(RUNNING, IDLE)) {
            onStep.run();
        } else {
            discard();
        }
    }

    private void advance() throws IOException {
        if (!begun) {
            begun = true;
            login = security.login(node);
            stream = security.stream(node, channel);
        }
        interest = stream instanceof TlsStream tls ? tls.handshake() : 0;
    }

    /** Whether a step is being done. */
    boolean isRunning() {
        return state.get() == RUNNING;
    }

    /** Whether a background thread is still inside, after this was given up. */
    boolean isLingering() {
        return state.get() == GIVEN_UP;
    }

    /**
     * What came out of the last step.
     *
     * @return what to wait for, as an interest of a selection key; 0 if this is done
     * @throws IOException if it has failed
     */
    int interest() throws IOException {
        Throwable failure = this.failure;
        if (failure instanceof IOException e) {
            throw e;
        }
        if (failure instanceof RuntimeException e) {
            throw e;
        }
        if (failure != null) {
            throw new IOException("the handshake has failed", failure);
        }
        return interest;
    }

    /** The stream, which is the caller's from now on. */
    SocketStream takeStream() {
        SocketStream taken = Objects.requireNonNull(stream);
        stream = null;
        return taken;
    }

    /** Who the client is, or null; the caller's from now on. */
    @Nullable
    Login takeLogin() {
        Login taken = login;
        login = null;
        return taken;
    }

    /** Gives back what was not taken, now or as soon as nobody is inside. The channel is closed by the caller. */
    void giveUp() {
        if (state.compareAndSet(RUNNING, GIVEN_UP)) {
            return;
        }
        if (state.get() == IDLE) {
            discard();
        }
    }

    private void discard() {
        Login login = takeLogin();
        if (login != null) {
            login.wipe();
        }
        SocketStream stream = this.stream;
        this.stream = null;
        try {
            if (stream != null) {
                stream.close();
            }
        } catch (IOException e) {
            // The channel is the loop's, which closes it as well and counts what fails there.
        } finally {
            state.set(ENDED);
        }
    }
}
