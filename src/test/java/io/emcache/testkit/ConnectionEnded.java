package io.emcache.testkit;

import java.io.IOException;
import java.io.Serial;

/**
 * The client, or the close of the scripted server, ended the connection while the script was using it. A script that
 * ends by it has not failed: whether the client may leave is for the test to say.
 */
public final class ConnectionEnded extends IOException {
    @Serial
    private static final long serialVersionUID = 1;

    ConnectionEnded(String message) {
        super(message);
    }

    ConnectionEnded(String message, IOException cause) {
        super(message, cause);
    }
}
