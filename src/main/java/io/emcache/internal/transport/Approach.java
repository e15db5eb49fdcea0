package io.emcache.internal.transport;

import java.io.IOException;
import java.net.SocketAddress;
import java.nio.channels.CancelledKeyException;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The way of a lane to a stream on which commands can be said: looks the name up, connects to one address after the other, and
 * shakes hands. Belongs to the event loop.
 */
final class Approach {
    private final Endpoint endpoint;
    private final EventLoop loop;
    private final Security security;
    private final Object attachment;
    private final Runnable onProgress;
    private final Connector connector;

    private Places.@Nullable Place place;
    private @Nullable SocketChannel channel;
    private @Nullable SelectionKey key;
    private @Nullable Handshake handshake;
    private @Nullable Handshake givenUp;

    /**
     * @param attachment what the selection key of the channel carries
     * @param onProgress called, on any thread, when {@link #goOn} or {@link #mayBegin} is worth a call
     */
    Approach(Endpoint endpoint, EventLoop loop, Security security, Object attachment, Runnable onProgress) {
        this.endpoint = endpoint;
        this.loop = loop;
        this.security = security;
        this.attachment = attachment;
        this.onProgress = onProgress;
        this.connector =
                new Connector(endpoint.toString(), endpoint.isResolved(), endpoint::all, loop.resolver(), onProgress);
    }

    /** Whether an attempt may begin now: not too many others of the client are under way. */
    boolean mayBegin() {
        Places.Place place = this.place;
        if (place == null) {
            place = security.enter(onProgress);
            this.place = place;
        }
        return place.isGiven();
    }

    /** An attempt begins, which may have several addresses to try. */
    void begin(long nowNs, long deadlineNs) {
        connector.begin(nowNs, deadlineNs);
    }

    /**
     * Goes on as far as it can without waiting.
     *
     * @return true once there is a stream, for {@link #attachTo}
     * @throws IOException if this address does not serve, or none is left
     */
    boolean goOn(long nowNs) throws IOException {
        if (channel == null) {
            SocketAddress address = connector.next(nowNs);
            return address != null && open(address);
        }
        return handshake != null && !handshake.isRunning() && hasShaken(handshake);
    }

    private boolean open(SocketAddress address) throws IOException {
        SocketChannel channel = endpoint.open();
        this.channel = channel;
        boolean connected = channel.connect(address);
        key = channel.register(loop.selector(), connected ? 0 : SelectionKey.OP_CONNECT, attachment);
        return connected && connected(channel);
    }

    /** The socket is ready for what it waited for; otherwise as {@link #goOn}. */
    boolean ready() throws IOException {
        SocketChannel channel = this.channel;
        if (handshake != null) {
            listen(0);
            step(handshake);
            return false;
        }
        if (channel == null || !channel.finishConnect()) {
            return false;
        }
        listen(0);
        return connected(channel);
    }

    private boolean connected(SocketChannel channel) throws IOException {
        if (security.isNone()) {
            return true;
        }
        if (givenUp != null && givenUp.isLingering()) {
            throw new IOException(
                    "the credentials provider or trust manager that an attempt before has asked still blocks");
        }
        givenUp = null;
        Handshake handshake = new Handshake(security, endpoint.address(), channel, loop.resolver(), onProgress);
        this.handshake = handshake;
        step(handshake);
        return false;
    }

    /** What the user's code takes is not the fault of the address, and it would be asked for the next one, too. */
    private void step(Handshake handshake) {
        connector.pause(loop.nowNs());
        handshake.step();
    }

    private boolean hasShaken(Handshake handshake) throws IOException {
        connector.resume(loop.nowNs());
        int interest = handshake.interest();
        if (interest != 0) {
            listen(interest);
        }
        return interest == 0;
    }

    /** Hands the stream over. */
    void attachTo(Duty duty) throws IOException {
        SocketChannel channel = Objects.requireNonNull(this.channel);
        Handshake done = handshake;
        handshake = null;
        if (done == null) {
            duty.attach(channel, new PlainStream(channel), null);
        } else {
            duty.attach(channel, done.takeStream(), done.takeLogin());
        }
    }

    /** Has the loop listen to the channel; whether it does. Whoever drives may close the channel meanwhile. */
    boolean listen(int interest) {
        SelectionKey key = this.key;
        if (key == null || !key.isValid()) {
            return false;
        }
        try {
            if (key.interestOps() != interest) {
                key.interestOps(interest);
            }
            return true;
        } catch (CancelledKeyException e) {
            return false;
        }
    }

    /** The address does not serve, or does not any more: what is left of the way there is closed. */
    void leaveAddress() throws IOException {
        SocketChannel channel = this.channel;
        this.channel = null;
        key = null;
        if (handshake != null) {
            handshake.giveUp();
            givenUp = handshake;
            handshake = null;
        }
        if (channel != null) {
            channel.close();
        }
    }

    boolean hasNextAddress(long nowNs) {
        return connector.hasNext(nowNs);
    }

    /** Whether an address is being tried; otherwise the name is looked up. */
    boolean hasAddress() {
        return channel != null;
    }

    /** When to call {@link #goOn} again, or to leave the address. */
    long untilNs() {
        return connector.untilNs();
    }

    /** What has not come in time. */
    String whatIsMissing() {
        if (channel == null) {
            return "no address of " + endpoint;
        }
        if (handshake == null) {
            return "no answer";
        }
        return handshake.isRunning() ? "no credentials or no encryption" : "no end of the TLS handshake";
    }

    /** The server has answered: the next attempt begins with the same address. */
    void succeeded() {
        connector.succeeded();
        end();
    }

    /** The attempt has failed. */
    void failed() {
        connector.failed();
        end();
    }

    /** No attempt is under way or is to begin: somebody else may have the place. */
    void end() {
        Places.Place left = place;
        place = null;
        if (left != null) {
            left.leave();
        }
    }
}
