package io.platter.nbd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.platter.block.MemoryDevice;
import io.platter.test.Oracle;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.Random;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Disks under TLS, with certificates that openssl makes: between ourselves, and with libnbd's and QEMU's GnuTLS. */
@Timeout(120)
class NbdTlsTest {
    private static final char[] PASSWORD = "secret".toCharArray();

    @TempDir
    Path directory;

    private final byte[] content = new byte[5_000_000];

    @BeforeEach
    void makeCertificates() {
        new Random(6).nextBytes(content);
        String script = """
                set -e
                cd %s
                openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout ca-key.pem -out ca-cert.pem -subj /CN=authority -days 2
                for who in server client; do
                  openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout $who-key.pem -out $who.csr -subj /CN=localhost
                  openssl x509 -req -in $who.csr -CA ca-cert.pem -CAkey ca-key.pem -CAcreateserial -out $who-cert.pem -days 2 \
                    -extfile <(echo subjectAltName=DNS:localhost,IP:127.0.0.1)
                  openssl pkcs12 -export -in $who-cert.pem -inkey $who-key.pem -out $who.p12 -passout pass:secret
                done
                openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout other-key.pem -out other.pem -subj /CN=localhost -days 2
                """.formatted(directory);
        Oracle.of("bash").run("-c", script);
    }

    private SSLContext context(String who, String authority) throws GeneralSecurityException, IOException {
        KeyStore keys = KeyStore.getInstance("PKCS12");
        try (InputStream file = Files.newInputStream(directory.resolve(who + ".p12"))) {
            keys.load(file, PASSWORD);
        }
        KeyManagerFactory keyManagers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keyManagers.init(keys, PASSWORD);
        KeyStore trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, null);
        try (InputStream file = Files.newInputStream(directory.resolve(authority))) {
            trusted.setCertificateEntry(
                    "authority",
                    java.security.cert.CertificateFactory.getInstance("X.509").generateCertificate(file));
        }
        TrustManagerFactory trustManagers = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trustManagers.init(trusted);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keyManagers.getKeyManagers(), trustManagers.getTrustManagers(), null);
        return context;
    }

    private NbdServer serve(boolean clientCertificates) throws IOException, GeneralSecurityException {
        return NbdServer.builder()
                .listen(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .export(NbdExport.of("disk", MemoryDevice.over(content)).writable())
                .tls(context("server", "ca-cert.pem"), clientCertificates)
                .start();
    }

    @Test
    void oursSpeakToEachOther() throws IOException, GeneralSecurityException {
        try (NbdServer server = serve(true)) {
            NbdOptions trusting = NbdOptions.defaults().tls(context("client", "ca-cert.pem"));
            try (NbdDevice disk = NbdDevice.open(server.uri("disk"), trusting.writable())) {
                ByteBuffer found = ByteBuffer.allocate(content.length);
                disk.read(found, 0);
                assertThat(found.array()).isEqualTo(content);
                byte[] written = new byte[3_000_000];
                new Random(7).nextBytes(written);
                disk.write(ByteBuffer.wrap(written), 1_000_000);
                disk.flush();
                assertThat(ByteBuffer.wrap(content, 1_000_000, written.length)).isEqualTo(ByteBuffer.wrap(written));
            }
            assertThatThrownBy(() -> NbdDevice.open(
                            server.uri("disk"), NbdOptions.defaults().tls(context("client", "other.pem"))))
                    .isInstanceOf(NbdException.class);
            assertThatThrownBy(() -> NbdDevice.open(server.uri("disk"))) // whom the JDK does not trust
                    .isInstanceOf(NbdException.class)
                    .hasMessageContaining("handshake failed");
        }
    }

    @Test
    void inTheOpenNothingIsServed() throws IOException, GeneralSecurityException {
        try (NbdServer server = serve(false)) {
            NbdUri open = NbdUri.parse(server.uri("disk").toString().replace("nbds", "nbd"));
            assertThatThrownBy(() -> NbdDevice.open(open)).hasMessageContaining("TLS is needed");
            assertThat(Oracle.of("nbdinfo").tryRun(open.toString()).exitCode()).isNotZero();
        }
    }

    @Test
    void gnuTlsClientsAreServed() throws IOException, GeneralSecurityException {
        try (NbdServer server = serve(true)) {
            String uri = server.uri("disk") + "?tls-certificates=" + directory;
            assertThat(Oracle.of("nbdinfo").run("--size", uri).strip()).isEqualTo("" + content.length);
            Path copy = directory.resolve("copy");
            Oracle.of("nbdcopy").run(uri, copy);
            assertThat(Files.readAllBytes(copy)).isEqualTo(content);
            Oracle.of("qemu-img")
                    .run(
                            "compare",
                            "--object",
                            "tls-creds-x509,id=tls0,endpoint=client,dir=" + directory,
                            "--image-opts",
                            "driver=raw,file.driver=file,file.filename=" + copy,
                            "driver=raw,file.driver=nbd,file.host=127.0.0.1,file.port="
                                    + server.uri("").port() + ",file.export=disk,file.tls-creds=tls0");
        }
    }
}
