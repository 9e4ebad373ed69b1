import java.io.IOException;
import java.io.OutputStream;
import java.net.HttpURLConnection;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * What a team would write: starts the shop in the test's own process, creates an order, lets the webhook and the charge
 * response come in together, and looks whether both were answered.
 */
public final class ShopTest {
    private static void setUp() throws SQLException {
        try (Connection db = Shop.connect(); Statement statement = db.createStatement()) {
            statement.execute("CREATE TABLE orders (id integer PRIMARY KEY, status varchar(20) NOT NULL)");
            statement.execute("CREATE TABLE shipments (id serial PRIMARY KEY, order_id integer NOT NULL)");
            statement.execute("INSERT INTO orders VALUES (1, 'pending')");
        }
    }

    private static int post(int port, String path) throws IOException {
        HttpURLConnection request =
            (HttpURLConnection) new URL("http://127.0.0.1:" + port + path).openConnection();
        request.setRequestMethod("POST");
        request.setConnectTimeout(10000);
        request.setReadTimeout(10000);
        request.setDoOutput(true);
        try (OutputStream body = request.getOutputStream()) {
            body.write("order=1".getBytes(StandardCharsets.UTF_8));
        }
        return request.getResponseCode();
    }

    public static void main(String[] arguments) throws Exception {
        setUp();
        ExecutorService clients = Executors.newFixedThreadPool(2);
        try (Shop shop = new Shop(0)) {
            List<Callable<Integer>> requests =
                List.of(() -> post(shop.port(), "/webhook"), () -> post(shop.port(), "/charge"));
            for (Future<Integer> reply : clients.invokeAll(requests)) {
                if (reply.get() != 200) {
                    throw new AssertionError("status " + reply.get());
                }
            }
        } finally {
            clients.shutdown();
        }
    }
}
