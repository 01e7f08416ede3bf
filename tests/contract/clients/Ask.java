import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.StringJoiner;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;

/**
 * The client of the JDK, as it is: it asks to go on in HTTP/2. A document by POST, by QUERY, named
 * by its hash, with packed answers, and in a packed body, which is refused. Arguments: the address,
 * and a name for the operation, which makes a document that the service has not seen.
 */
final class Ask {
    private static final String SELECTION =
        "($n: Int) { release(number: $n) { number title(language: ZH) } }";
    private static final String VARIABLES = "{\"n\": 2}";

    private final HttpClient client = HttpClient.newHttpClient();
    private final StringJoiner printed = new StringJoiner(",\n", "[", "]");
    private final URI address;
    private final String document;

    private Ask(String address, String operation) {
        this.address = URI.create(address);
        this.document = "query " + operation + SELECTION;
    }

    public static void main(String[] arguments) throws Exception {
        Ask ask = new Ask(arguments[0], arguments[1]);
        ask.inBodies();
        ask.byHash();
        System.out.println(ask.printed);
    }

    private void inBodies() throws Exception {
        String body = "{\"query\": \"" + document + "\", \"variables\": " + VARIABLES + "}";
        byte[] plain = body.getBytes(StandardCharsets.UTF_8);
        send(withBody("POST", plain));
        send(withBody("QUERY", plain));
        send(withBody("POST", plain).header("Accept-Encoding", "gzip"));
        send(withBody("POST", packed(plain)).header("Content-Encoding", "gzip"));
    }

    private void byHash() throws Exception {
        byte[] digest =
            MessageDigest.getInstance("SHA-256").digest(document.getBytes(StandardCharsets.UTF_8));
        String named = "documentId=sha256:" + HexFormat.of().formatHex(digest)
            + "&variables=" + encoded(VARIABLES);
        send(get(named));
        send(get(named + "&query=" + encoded(document)));
        String tag = send(get(named)).headers().firstValue("ETag").orElseThrow();
        send(get(named).header("If-None-Match", tag));
    }

    private HttpRequest.Builder withBody(String method, byte[] body) {
        return HttpRequest.newBuilder(address)
            .header("Content-Type", "application/json")
            .method(method, HttpRequest.BodyPublishers.ofByteArray(body));
    }

    private HttpRequest.Builder get(String parameters) {
        return HttpRequest.newBuilder(URI.create(address + "?" + parameters)).GET();
    }

    private HttpResponse<InputStream> send(HttpRequest.Builder building) throws Exception {
        HttpRequest request = building.header("Accept", "application/graphql-response+json").build();
        HttpResponse<InputStream> response =
            client.send(request, HttpResponse.BodyHandlers.ofInputStream());
        String text = new String(unpacked(response).readAllBytes(), StandardCharsets.UTF_8);
        printed.add(String.format(
            "{\"request\": \"%s\", \"status\": %d, \"protocol\": \"%s\", \"body\": %s}",
            request.method(), response.statusCode(), response.version(),
            text.isEmpty() ? "null" : text));
        return response;
    }

    /** The JDK leaves the unpacking to the program. */
    private static InputStream unpacked(HttpResponse<InputStream> response) throws IOException {
        boolean isPacked = response.headers().firstValue("Content-Encoding").isPresent();
        return isPacked ? new GZIPInputStream(response.body()) : response.body();
    }

    private static byte[] packed(byte[] bytes) throws IOException {
        ByteArrayOutputStream kept = new ByteArrayOutputStream();
        try (GZIPOutputStream packing = new GZIPOutputStream(kept)) {
            packing.write(bytes);
        }
        return kept.toByteArray();
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }
}
