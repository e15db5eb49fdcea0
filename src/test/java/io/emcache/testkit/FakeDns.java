package io.emcache.testkit;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/**
 * A name server on loopback, over UDP, that knows SRV records only. A name it was not told does not exist. Safe for all threads.
 */
public final class FakeDns implements AutoCloseable {
    private static final int HEADER_BYTES = 12;
    private static final int TYPE_SRV = 33;
    private static final int CLASS_IN = 1;
    private static final int RESPONSE = 0x8180;
    private static final int NAME_ERROR = 3;
    private static final int POINTER_TO_QUESTION = 0xC000 | HEADER_BYTES;

    private volatile boolean silent;

    private final DatagramSocket socket;
    private final Thread thread;
    private final Map<String, List<Srv>> records = new ConcurrentHashMap<>();
    private final List<String> questions = new CopyOnWriteArrayList<>();
    private final List<Throwable> failures = new CopyOnWriteArrayList<>();

    /**
     * An SRV record.
     *
     * @param priority the lower the better
     * @param weight for a choice among equals
     * @param port of the target
     * @param target a name, without dot at its end; empty for the root
     */
    public record Srv(int priority, int weight, int port, String target) {}

    private FakeDns() {
        try {
            socket = new DatagramSocket(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        thread = TestThreads.startDaemon("dns-" + socket.getLocalPort(), this::answerAll);
    }

    /**
     * Starts a server that knows nothing.
     *
     * @return the server
     */
    public static FakeDns start() {
        return new FakeDns();
    }

    /**
     * Returns where it is, as JNDI wants it.
     *
     * @return {@code dns://127.0.0.1:PORT}
     */
    public String url() {
        return "dns://127.0.0.1:" + socket.getLocalPort();
    }

    /**
     * Tells the records of a name from now on.
     *
     * @param name the whole name, without dot at its end
     * @param srvs its records; none for a name without any
     * @return this
     */
    public FakeDns tell(String name, Srv... srvs) {
        records.put(name, List.of(srvs));
        return this;
    }

    /**
     * Leaves all questions without an answer from now on, or not.
     *
     * @param value whether to
     * @return this
     */
    public FakeDns silent(boolean value) {
        silent = value;
        return this;
    }

    /**
     * Returns what was asked so far.
     *
     * @return the names, in order of arrival
     */
    public List<String> questions() {
        return List.copyOf(questions);
    }

    private void answerAll() {
        byte[] buffer = new byte[512];
        while (!socket.isClosed()) {
            DatagramPacket packet = new DatagramPacket(buffer, buffer.length);
            try {
                socket.receive(packet);
                byte[] answer = answer(Arrays.copyOf(buffer, packet.getLength()));
                if (answer != null) {
                    socket.send(new DatagramPacket(answer, answer.length, packet.getSocketAddress()));
                }
            } catch (IOException | RuntimeException e) {
                if (!socket.isClosed()) {
                    failures.add(e);
                }
            }
        }
    }

    private byte @Nullable [] answer(byte[] query) throws IOException {
        int end = HEADER_BYTES;
        StringBuilder name = new StringBuilder();
        while (query[end] != 0) {
            name.append(name.isEmpty() ? "" : ".");
            name.append(new String(query, end + 1, query[end], StandardCharsets.US_ASCII));
            end += 1 + query[end];
        }
        byte[] question = Arrays.copyOfRange(query, HEADER_BYTES, end + 5);
        questions.add(name.toString());
        List<Srv> known = records.get(name.toString());
        int type = ((query[end + 1] & 0xff) << 8) | (query[end + 2] & 0xff);
        List<Srv> answers = known != null && type == TYPE_SRV ? known : List.of();
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(bytes);
        out.write(query, 0, 2);
        out.writeShort(known == null ? RESPONSE | NAME_ERROR : RESPONSE);
        out.writeShort(1);
        out.writeShort(answers.size());
        out.writeInt(0);
        out.write(question);
        for (Srv srv : answers) {
            write(srv, out);
        }
        return silent ? null : bytes.toByteArray();
    }

    private static void write(Srv srv, DataOutputStream out) throws IOException {
        byte[] target = labels(srv.target());
        out.writeShort(POINTER_TO_QUESTION);
        out.writeShort(TYPE_SRV);
        out.writeShort(CLASS_IN);
        out.writeInt(5);
        out.writeShort(6 + target.length);
        out.writeShort(srv.priority());
        out.writeShort(srv.weight());
        out.writeShort(srv.port());
        out.write(target);
    }

    private static byte[] labels(String name) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        if (!name.isEmpty()) {
            for (String label : name.split("\\.", -1)) {
                bytes.write(label.length());
                bytes.writeBytes(label.getBytes(StandardCharsets.US_ASCII));
            }
        }
        bytes.write(0);
        return bytes.toByteArray();
    }

    /**
     * Stops. Idempotent.
     *
     * @throws AssertionError if a question could not be understood, or the server does not end within 10 s
     */
    @Override
    public void close() {
        socket.close();
        if (!TestThreads.stop(thread)) {
            throw new AssertionError("the name server does not end");
        }
        if (!failures.isEmpty()) {
            throw new AssertionError("a question could not be answered", failures.getFirst());
        }
    }
}
