package io.emcache.bench;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** One connection to a {@link FaultyServer}: speaks just enough of the meta commands to misbehave. For one thread. */
final class FaultyConnection {
    private static final String VERSION = "VERSION 1.6.38\r\n";
    private static final String VALUE = "x".repeat(Keys.VALUE_BYTES);

    private final long lateNs;

    private boolean silent;

    private final Fault fault;
    private final Socket socket;
    private final InputStream in;
    private final OutputStream out;
    private final BlockingQueue<LateAnswer> late = new LinkedBlockingQueue<>();

    private record LateAnswer(String text, long dueNs) {}

    FaultyConnection(Socket socket, Fault fault, long lateNs) throws IOException {
        this.socket = socket;
        this.fault = fault;
        this.lateNs = lateNs;
        socket.setTcpNoDelay(true);
        in = new BufferedInputStream(socket.getInputStream());
        out = socket.getOutputStream();
    }

    /** Serves until one side has closed. */
    void run() throws IOException, InterruptedException {
        if (fault == Fault.ANSWERS_LATE) {
            Thread writer = Thread.ofVirtual().start(this::writeLateAnswers);
            try {
                serve();
            } finally {
                writer.interrupt();
            }
        } else {
            serve();
        }
    }

    private void serve() throws IOException, InterruptedException {
        for (String line = readLine(); !line.isEmpty(); line = readLine()) {
            answer(line.split(" ", -1));
        }
    }

    private void answer(String[] words) throws IOException, InterruptedException {
        switch (words[0]) {
            case "version" -> answerVersion();
            case "mg" -> misbehave("VA " + VALUE.length() + echo(words) + "\r\n" + VALUE + "\r\n");
            case "ms" -> {
                in.skipNBytes(Integer.parseInt(words[2]) + 2L);
                misbehave("HD" + echo(words) + "\r\n");
            }
            default -> misbehave("MN\r\n");
        }
    }

    /** The flags of a command that its answer repeats: the key if it asks for it, and the opaque. */
    private static String echo(String[] words) {
        StringBuilder echo = new StringBuilder();
        for (int i = 2; i < words.length; i++) {
            if (words[i].equals("k")) {
                echo.append(" k").append(words[1]);
            } else if (words[i].startsWith("O")) {
                echo.append(' ').append(words[i]);
            }
        }
        return echo.toString();
    }

    private void answerVersion() throws IOException, InterruptedException {
        if (fault != Fault.ACCEPTS_ONLY) {
            write(VERSION);
        }
        while (fault == Fault.NEVER_READS && !socket.isClosed()) {
            Thread.sleep(100);
        }
    }

    private void misbehave(String answer) throws IOException {
        switch (fault) {
            case ANSWERS_LATE -> late.add(new LateAnswer(answer, System.nanoTime() + lateNs));
            case HALF_AN_ANSWER -> {
                if (!silent) {
                    writeHalf(answer);
                    silent = true;
                }
            }
            case CLOSES_IN_MID_ANSWER -> {
                writeHalf(answer);
                socket.close();
            }
            default -> silent = true;
        }
    }

    private void writeHalf(String answer) throws IOException {
        write(answer.substring(0, answer.length() / 2));
    }

    private void writeLateAnswers() {
        try {
            while (true) {
                LateAnswer answer = late.take();
                TimeUnit.NANOSECONDS.sleep(answer.dueNs() - System.nanoTime());
                write(answer.text());
            }
        } catch (InterruptedException | IOException e) {
            late.clear(); // the connection has ended
        }
    }

    private String readLine() throws IOException {
        StringBuilder line = new StringBuilder();
        for (int c = in.read(); c != '\n'; c = in.read()) {
            if (c < 0) {
                throw new EOFException();
            }
            if (c != '\r') {
                line.append((char) c);
            }
        }
        return line.toString();
    }

    private void write(String text) throws IOException {
        out.write(text.getBytes(StandardCharsets.US_ASCII));
    }
}
