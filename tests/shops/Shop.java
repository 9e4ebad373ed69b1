import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * The shop in Java: the JDK's own HTTP server with a pool of threads, PostgreSQL's JDBC driver, a connection for each
 * request. A webhook and a charge response may each fulfil an order.
 *
 * SHOP_JDBC names the database; FIXED in the environment mends the shop.
 */
public final class Shop implements AutoCloseable {
    private static final boolean FIXED = System.getenv("FIXED") != null;

    private final HttpServer server;
    private final ExecutorService workers = Executors.newFixedThreadPool(2);

    public Shop(int port) throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
        server.createContext("/webhook", this::answer);
        server.createContext("/charge", this::answer);
        server.setExecutor(workers);
        server.start();
    }

    public int port() {
        return server.getAddress().getPort();
    }

    @Override
    public void close() {
        server.stop(0);
        workers.shutdown();
    }

    static Connection connect() throws SQLException {
        return DriverManager.getConnection(System.getenv("SHOP_JDBC"));
    }

    private void answer(HttpExchange exchange) throws IOException {
        exchange.getRequestBody().readAllBytes();
        int status = 200;
        String body;
        try (Connection db = connect()) {
            db.setAutoCommit(false);
            body = "{\"fulfilled\": " + fulfill(db, 1) + "}";
            db.commit();
        } catch (SQLException e) {
            status = 500;
            body = e.getMessage();
        }
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(status, bytes.length);
        exchange.getResponseBody().write(bytes);
        exchange.close();
    }

    private static boolean fulfill(Connection db, int order) throws SQLException {
        if (FIXED) {
            if (update(db, "UPDATE orders SET status = 'fulfilled' WHERE id = ? AND status = 'pending'", order) == 0) {
                return false;
            }
        } else {
            if (!status(db, order).equals("pending")) {
                return false;
            }
            update(db, "UPDATE orders SET status = 'fulfilled' WHERE id = ?", order);
        }
        update(db, "INSERT INTO shipments (order_id) VALUES (?)", order);
        return true;
    }

    private static String status(Connection db, int order) throws SQLException {
        try (PreparedStatement select = db.prepareStatement("SELECT status FROM orders WHERE id = ?")) {
            select.setInt(1, order);
            try (ResultSet row = select.executeQuery()) {
                row.next();
                return row.getString(1);
            }
        }
    }

    private static int update(Connection db, String sql, int order) throws SQLException {
        try (PreparedStatement statement = db.prepareStatement(sql)) {
            statement.setInt(1, order);
            return statement.executeUpdate();
        }
    }
}
