import java.io.FileInputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;

/**
 * One client, several addresses: each connection offers what the one before it got. Arguments: host name, CA file, "1.2" or "1.3",
 * addresses. For each connection prints whether Java saw it resumed, then the node's report.
 */
public class Client {
    public static void main(String[] arguments) throws Exception {
        String host = arguments[0];
        SSLContext context = trusting(arguments[1]);
        String[] protocols = { arguments[2].equals("1.3") ? "TLSv1.3" : "TLSv1.2" };
        for (int i = 3; i < arguments.length; i++) {
            String[] address = arguments[i].split(":");
            Socket plain = new Socket(address[0], Integer.parseInt(address[1]));
            plain.setSoTimeout(20_000);
            // Sessions are kept by name and port as given here: the same for all, wherever the connection really goes.
            try (SSLSocket secured = (SSLSocket) context.getSocketFactory().createSocket(plain, host, 443, true)) {
                secured.setEnabledProtocols(protocols);
                secured.startHandshake();
                // What is put into a session is there again if the session is.
                boolean resumed = secured.getSession().getValue("mark") != null;
                secured.getSession().putValue("mark", "here before");
                String request = "GET /.well-known/reprise/handshake HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n";
                secured.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
                String answer = new String(secured.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
                System.out.println("resumed " + resumed);
                System.out.print(answer.substring(answer.indexOf("\r\n\r\n") + 4));
            }
        }
    }

    private static SSLContext trusting(String file) throws Exception {
        KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null);
        try (FileInputStream input = new FileInputStream(file)) {
            store.setCertificateEntry("ca", CertificateFactory.getInstance("X.509").generateCertificate(input));
        }
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(store);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, trust.getTrustManagers(), null);
        return context;
    }
}
