package io.emcache.internal.transport;

import io.emcache.internal.protocol.Capabilities;
import io.emcache.internal.protocol.ServerVersion;
import java.io.EOFException;
import java.io.IOException;
import java.lang.invoke.VarHandle;
import java.net.SocketException;
import java.nio.channels.SelectionKey;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

/**
 * The life of one lane as its event loop sees it: connects, negotiates, waits between attempts, serves what callers leave
 * behind, watches times. Belongs to the loop; where it touches the wire it takes the driver token like anybody.
 */
final class LaneKeeper {
    private static final long PROBE_CAP_NS = TimeUnit.SECONDS.toNanos(1);
    private static final long SHORT_LIFE_CAP_NS = TimeUnit.MILLISECONDS.toNanos(200);
    private static final long REFUSAL_CAP_NS = TimeUnit.SECONDS.toNanos(30);
    private static final long REFUSAL_LEAST_NS = TimeUnit.SECONDS.toNanos(1);
    private static final long PROVEN_NS = TimeUnit.SECONDS.toNanos(1);
    private static final long BUSY_ROUND_NS = TimeUnit.MILLISECONDS.toNanos(100);
    private static final long LEAST_WAIT_NS = TimeUnit.MILLISECONDS.toNanos(1);
    private static final long IDLE_ROUND_NS = TimeUnit.SECONDS.toNanos(1);

    private static final String NOTHING_SAID =
            "no answer to the first word, as of a server that hangs or speaks nothing but the binary protocol"
                    + " (memcached -S or -B binary), which is not supported,";
    private static final String HUNG_UP =
            "the server hung up on the first word: it may speak nothing but the binary protocol"
                    + " (memcached -S or -B binary), which is not supported";
    private static final String HUNG_UP_ON_PLAIN = HUNG_UP + ", or expect TLS";
    private static final String HUNG_UP_ON_TLS = HUNG_UP + ", or refuse the certificate of this client";

    private boolean inService;
    private boolean suspect;
    private boolean closed;
    private long inServiceSinceNs;
    private long nextAttemptNs;
    private long attemptSinceNs;
    private long connectDeadlineNs;
    private long heartbeatAtNs;
    private long roundAtNs;
    private long roundActivity;

    private final Lane lane;
    private final Wire wire;
    private final Duty duty;
    private final CommandRing ring;
    private final EventLoop loop;
    private final LaneOwner owner;
    private final Endpoint endpoint;
    private final Backoff backoff =
            new Backoff(() -> ThreadLocalRandom.current().nextDouble());
    private final LoopTimers.Timer timer = new LoopTimers.Timer(this::alarm);
    private final Approach approach;
    private final Security security;

    LaneKeeper(Lane lane, Wire wire, Duty duty, CommandRing ring, EventLoop loop, LaneOwner owner, Endpoint endpoint) {
        this.lane = lane;
        this.wire = wire;
        this.duty = duty;
        this.ring = ring;
        this.loop = loop;
        this.owner = owner;
        this.endpoint = endpoint;
        this.security = lane.settings().security();
        this.approach = new Approach(endpoint, loop, security, this, () -> loop.request(lane));
    }

    Endpoint endpoint() {
        return endpoint;
    }

    LoopTimers.Timer timer() {
        return timer;
    }

    /** Somebody has asked for the loop; returns what was done. */
    int attend(long nowNs) {
        int work = 0;
        try {
            work = closed || endIfDrained(nowNs) ? 0 : step(nowNs);
        } catch (Throwable t) {
            turnFailed(t);
        } finally {
            reschedule(nowNs);
        }
        return work;
    }

    /** Nobody is left inside a lane that was given up, or nobody is waited for any longer. */
    private boolean endIfDrained(long nowNs) {
        if (!lane.isDraining() || !lane.isDrained(nowNs)) {
            return false;
        }
        Exception cause = loop.isClosing() ? new ShutdownException() : new IOException("the connection was given up");
        if (!close(cause)) {
            loop.remember(lane);
            return false;
        }
        loop.remove(this);
        owner.drained(lane, inService);
        return true;
    }

    /** What fails here costs this lane its connection, and no other lane its turn. */
    private void turnFailed(Throwable t) {
        lane.counters().loopFailures.increment();
        stop(t);
    }

    private int step(long nowNs) {
        switch (lane.state()) {
            case Lane.NEW, Lane.WAITING -> connectIfDue(nowNs);
            case Lane.CONNECTING -> goOn(nowNs);
            case Lane.BROKEN -> mend(nowNs);
            case Lane.NEGOTIATING -> {
                return serve(true, nowNs); // whoever held the token kept the loop from reading
            }
            case Lane.ACTIVE -> {
                return serve(false, nowNs);
            }
            default -> {}
        }
        return 0;
    }

    /** The selector has found the channel ready; returns what was done. */
    int ready(SelectionKey key, long nowNs) {
        int work = 0;
        if (closed || !key.isValid()) {
            return 0;
        }
        try {
            if (lane.state() == Lane.CONNECTING) {
                socketReady(nowNs);
            } else {
                work = serve(true, nowNs);
            }
        } catch (Throwable t) {
            turnFailed(t);
        } finally {
            reschedule(nowNs);
        }
        return work;
    }

    private int serve(boolean readable, long nowNs) {
        if (!duty.tryTake()) {
            if (!readable) {
                return 0; // whoever holds the token looks at the ring after giving it back
            }
            disarm(nowNs);
            if (!duty.tryTake()) {
                return 0;
            }
        }
        int work;
        boolean callersOwn = false;
        try {
            work = duty.service(readable);
            callersOwn = readable && work == 0 && wire.inFlight() == 0 && lane.isActive();
            if (callersOwn) {
                disarm(nowNs); // a caller was faster, and will be again; under the token, so that who leaves next knows
            }
        } finally {
            duty.release();
        }
        if (!callersOwn) {
            settle(nowNs);
        }
        return work;
    }

    /** A caller drives: what arrives is its business until the lane has been quiet for a round. */
    private void disarm(long nowNs) {
        roundAtNs = Math.min(roundAtNs, nowNs + BUSY_ROUND_NS);
        approach.listen(0);
        lane.armed(false);
        VarHandle.fullFence();
    }

    private void settle(long nowNs) {
        switch (lane.state()) {
            case Lane.BROKEN -> mend(nowNs);
            case Lane.NEGOTIATING -> {
                ServerVersion version = wire.version();
                if (version == null) {
                    converse(nowNs);
                } else {
                    activate(nowNs, version);
                }
            }
            default -> arm();
        }
    }

    private void arm() {
        lane.armed(approach.listen(
                wire.wantsToWrite() ? SelectionKey.OP_READ | SelectionKey.OP_WRITE : SelectionKey.OP_READ));
    }

    private void connectIfDue(long nowNs) {
        if (owner.isUnavailable()) {
            failWaiting();
        }
        boolean ending = lane.isClosed() && !lane.isDraining();
        if (nowNs < nextAttemptNs || ending || !owner.mayConnect(lane)) {
            approach.end();
            return;
        }
        if (!approach.mayBegin()) {
            return;
        }
        lane.state(Lane.CONNECTING);
        attemptSinceNs = nowNs;
        connectDeadlineNs = nowNs + lane.settings().connectionTimeoutNs();
        approach.begin(nowNs, connectDeadlineNs);
        goOn(nowNs);
    }

    /** Looks for the next step of an attempt to connect. */
    private void goOn(long nowNs) {
        try {
            if (approach.goOn(nowNs)) {
                greet();
            }
        } catch (IOException | RuntimeException e) {
            addressFailed(nowNs, e);
        }
    }

    private void socketReady(long nowNs) {
        try {
            if (approach.ready()) {
                greet();
            }
        } catch (IOException | RuntimeException e) {
            addressFailed(nowNs, e);
        }
    }

    private void greet() throws IOException {
        takeSoon();
        try {
            lane.state(Lane.NEGOTIATING); // from here on what fails has the stream closed
            approach.attachTo(duty);
            wire.greet();
            arm();
        } finally {
            duty.release();
        }
    }

    /** Says what the server wants to hear before it says what it is, if it has asked, and listens. */
    private void converse(long nowNs) {
        takeSoon();
        try {
            wire.greet();
        } catch (IOException | RuntimeException e) {
            duty.die(e);
        } finally {
            duty.release();
        }
        if (lane.state() == Lane.BROKEN) {
            mend(nowNs);
        } else {
            arm();
        }
    }

    private void activate(long nowNs, ServerVersion version) {
        Capabilities capabilities = Capabilities.of(version, lane.settings().forceClassic());
        boolean loginUnneeded = wire.isLoginUnneeded();
        takeSoon();
        try {
            wire.begin(capabilities);
            lane.state(Lane.ACTIVE);
            VarHandle.fullFence();
            duty.service(false);
        } finally {
            duty.release();
        }
        approach.succeeded();
        inService = true;
        inServiceSinceNs = nowNs;
        lane.counters().connectionsOpened.increment();
        heartbeatAtNs = nowNs + lane.settings().heartbeatNs();
        roundAtNs = nowNs + BUSY_ROUND_NS;
        arm();
        if (loginUnneeded) {
            security.noteUnneeded(endpoint.toString(), loop.resolver());
        }
        owner.connected(lane, lane.settings().clock().nowNs() - attemptSinceNs); // this turn may have begun long ago
        if (lane.state() == Lane.BROKEN) {
            mend(nowNs);
        }
    }

    /** While a lane is not in service nobody holds its token for longer than it takes to see that. */
    private void takeSoon() {
        while (!duty.tryTake()) {
            Thread.onSpinWait();
        }
    }

    /** The connection is gone: plans the next. */
    private void mend(long nowNs) {
        Throwable cause = lane.lastFailure();
        if (cause == null) {
            cause = new IOException("connection lost");
        }
        leaveAddress();
        lane.armed(false);
        if (inService) {
            inService = false;
            if (nowNs - inServiceSinceNs >= PROVEN_NS) {
                backoff.reset(); // a server that greets and hangs up is a failing one
            }
            lane.counters().connectionsLost.increment();
            waitForNext(nowNs, SHORT_LIFE_CAP_NS, 0);
            owner.disconnected(lane, cause, cause instanceof StallException);
            if (owner.isUnavailable() || (cause instanceof StallException && owner.hasConnection())) {
                failWaiting();
            }
        } else {
            addressFailed(nowNs, wire.isUnanswered() ? unanswered(cause) : cause);
        }
    }

    private Throwable unanswered(Throwable cause) {
        if (!(cause instanceof EOFException || cause instanceof SocketException)) {
            return cause;
        }
        return new IOException(security.isEncrypted() ? HUNG_UP_ON_TLS : HUNG_UP_ON_PLAIN, cause);
    }

    /** One address does not serve: the next has what is left of the time. */
    private void addressFailed(long nowNs, Throwable cause) {
        if (cause instanceof RefusedException || lane.isDraining() || !approach.hasNextAddress(nowNs)) {
            attemptFailed(nowNs, cause);
            return;
        }
        giveUpChannel(cause);
        lane.state(Lane.CONNECTING);
        goOn(nowNs);
    }

    private void attemptFailed(long nowNs, Throwable cause) {
        giveUpChannel(cause);
        approach.failed();
        lane.counters().connectFailures.increment();
        boolean refused = cause instanceof RefusedException || cause instanceof TlsException;
        waitForNext(nowNs, refused ? REFUSAL_CAP_NS : PROBE_CAP_NS, refused ? REFUSAL_LEAST_NS : 0);
        owner.connectFailed(lane, cause);
        giveUpWaiting();
    }

    private void giveUpChannel(Throwable cause) {
        if (lane.isConnected()) {
            takeSoon();
            dieAndRelease(cause);
        }
        leaveAddress();
        lane.armed(false);
        lane.failed(cause);
    }

    private void dieAndRelease(Throwable cause) {
        try {
            duty.die(cause);
        } finally {
            duty.release();
        }
    }

    private void waitForNext(long nowNs, long capNs, long leastNs) {
        nextAttemptNs = nowNs + Math.max(backoff.nextNs(capNs), leastNs);
        lane.state(Lane.WAITING);
        VarHandle.fullFence();
    }

    /** An attempt has failed: what waits here is better off elsewhere, or hopeless. */
    private void giveUpWaiting() {
        if (owner.isUnavailable() || owner.hasConnection()) {
            failWaiting();
        }
    }

    private void failWaiting() {
        if (!duty.tryTake()) {
            loop.remember(lane);
            return;
        }
        try {
            Throwable cause = lane.lastFailure();
            wire.failAll(Outcome.UNSENT, cause == null ? new IOException("not connected") : cause);
        } finally {
            duty.release();
        }
    }

    private void leaveAddress() {
        try {
            approach.leaveAddress();
        } catch (IOException e) {
            lane.counters().closeFailures.increment();
        }
    }

    /** A time that was announced has come. */
    void alarm(long nowNs) {
        if (closed) {
            return;
        }
        try {
            if (lane.earliestAsyncNs() <= nowNs) {
                lane.expire(nowNs);
            }
            if (!endIfDrained(nowNs)) {
                lookAtTimes(nowNs);
            }
        } catch (Throwable t) {
            turnFailed(t);
        } finally {
            reschedule(nowNs);
        }
    }

    private void lookAtTimes(long nowNs) {
        switch (lane.state()) {
            case Lane.NEW, Lane.WAITING -> connectIfDue(nowNs);
            case Lane.CONNECTING, Lane.NEGOTIATING -> {
                if (nowNs >= connectDeadlineNs) {
                    attemptFailed(nowNs, new IOException(whatIsMissing() + " within the connection timeout"));
                } else if (nowNs >= approach.untilNs()) {
                    tooLate(nowNs);
                }
            }
            case Lane.ACTIVE -> watch(nowNs);
            case Lane.BROKEN -> mend(nowNs);
            default -> {}
        }
    }

    /** The name service, or one of several addresses, has had its share of the time. */
    private void tooLate(long nowNs) {
        if (approach.hasAddress()) {
            addressFailed(nowNs, new IOException(whatIsMissing() + " in its share of the connection timeout"));
        } else {
            goOn(nowNs);
        }
    }

    /** What has not come in time. The binary protocol waits for 24 bytes before it finds that a word is none of its own. */
    private String whatIsMissing() {
        return lane.state() == Lane.NEGOTIATING && wire.isUnanswered() ? NOTHING_SAID : approach.whatIsMissing();
    }

    private void watch(long nowNs) {
        if (nowNs >= duty.sleepUntilNs()) {
            duty.wakeDriver();
        }
        if (nowNs >= wire.stallAtNs()) {
            stopIfStalled(nowNs);
        } else if (nowNs >= heartbeatAtNs) {
            beat(nowNs);
        }
        if (nowNs >= roundAtNs) {
            round(nowNs);
        }
        if (lane.state() == Lane.BROKEN) {
            mend(nowNs);
        }
    }

    /** After a pause of the process the replies may be here: a connection is dead only if there is nothing to read. */
    private void stopIfStalled(long nowNs) {
        if (!duty.tryTake()) {
            duty.kill(new StallException());
            loop.remember(lane);
            return;
        }
        try {
            duty.service(true);
            if (nowNs >= wire.stallAtNs()) {
                duty.die(new StallException());
            }
        } finally {
            duty.release();
        }
    }

    /** A connection beside one that has stalled: one that has had its answer since then is asked for another. */
    void stopIfSilent(long sinceNs, Throwable cause) {
        if (closed || !lane.isActive() || wire.inFlight() > 0 || ring.hasWork()) {
            return;
        }
        if (lane.load().takenAtNs() <= sinceNs) {
            stop(cause);
            loop.remember(lane);
        } else if (askForASign()) {
            loop.remember(lane); // to be listened to, and its time to be watched
        }
    }

    private boolean askForASign() {
        if (!duty.tryTake()) {
            return false;
        }
        try {
            wire.encodeHeartbeat();
            duty.service(false);
        } finally {
            duty.release();
        }
        return true;
    }

    /** Closes the connection by whoever drives. */
    void stop(Throwable cause) {
        if (closed) {
            return;
        }
        if (!duty.tryTake()) {
            duty.kill(cause);
            if (!duty.tryTake()) {
                return;
            }
        }
        dieAndRelease(cause);
    }

    /** Nothing was heard since the last round that heard something: asks. */
    private void beat(long nowNs) {
        heartbeatAtNs = nowNs + lane.settings().heartbeatNs();
        if (wire.activity() == roundActivity && askForASign()) {
            settle(nowNs);
        }
    }

    /** Arms a lane that callers have left alone for a round, and finds work that nobody drives: there must be none. */
    private void round(long nowNs) {
        long activity = wire.activity();
        boolean quiet = activity == roundActivity && !duty.isTaken();
        if (activity != roundActivity) {
            roundActivity = activity;
            heartbeatAtNs = nowNs + lane.settings().heartbeatNs();
        }
        if (!quiet) {
            suspect = false;
        } else {
            boolean work = (ring.hasWork() && !wire.isBlocked()) || (wire.inFlight() > 0 && !lane.isArmed());
            if (work && suspect) {
                lane.counters().orphaned.increment();
                serve(false, nowNs);
            }
            suspect = work;
            if (!work) {
                arm();
            }
        }
        roundAtNs = nowNs + (lane.calls() > 0 || !quiet ? BUSY_ROUND_NS : IDLE_ROUND_NS);
    }

    /** Once the next attempt is due and was not made, another lane probes the node: its success is told to all. */
    private long attemptLookNs(long nowNs) {
        return nextAttemptNs >= nowNs ? nextAttemptNs : nowNs + IDLE_ROUND_NS;
    }

    private void reschedule(long nowNs) {
        long next = Math.min(lane.earliestAsyncNs(), lane.drainUntilNs());
        switch (lane.state()) {
            case Lane.WAITING -> next = Math.min(next, attemptLookNs(nowNs));
            case Lane.CONNECTING, Lane.NEGOTIATING ->
                next = Math.min(next, Math.min(connectDeadlineNs, approach.untilNs()));
            case Lane.ACTIVE -> next = Math.min(Math.min(next, wire.stallAtNs()), Math.min(heartbeatAtNs, roundAtNs));
            case Lane.BROKEN -> next = nowNs;
            default -> {}
        }
        if (closed) {
            loop.unschedule(timer);
            return;
        }
        long nextLookNs = loop.schedule(timer, ahead(Math.min(next, duty.sleepUntilNs()), nowNs));
        if (duty.watchFrom(nextLookNs)) {
            loop.schedule(timer, ahead(duty.sleepUntilNs(), nowNs));
        }
    }

    /** What is due already and could not be done is tried again soon, not at once. */
    private static long ahead(long atNs, long nowNs) {
        return atNs > nowNs ? atNs : nowNs + LEAST_WAIT_NS;
    }

    /** Ends the lane: everything inside fails. Returns true once it is done; until then it is to be called again. */
    boolean close() {
        return close(new ShutdownException());
    }

    private boolean close(Exception cause) {
        if (closed) {
            return true;
        }
        lane.refuse();
        if (!duty.tryTake()) {
            duty.kill(cause);
            if (!duty.tryTake()) {
                return false;
            }
        }
        try {
            if (lane.isConnected()) {
                duty.end(cause);
            }
            leaveAddress();
            approach.end();
            duty.closeSelector();
        } finally {
            lane.end(cause);
            lane.state(Lane.CLOSED);
            VarHandle.fullFence();
            closed = true;
            duty.release();
        }
        duty.bury();
        lane.leave(0);
        return true;
    }
}
