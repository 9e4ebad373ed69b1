import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Two threads fulfil one order, one well after the other, and a lock of Java's keeps them apart. Nobody ever has to wait
 * for it, and by then the machine has compiled what they do, so that no call tells of it; nor does one of the machine's own.
 */
public final class Locked {
    private static final ReentrantLock LOCK = new ReentrantLock();
    private static final int WARM = 50;

    private static int update(Connection db, String sql, int order) throws SQLException {
        try (PreparedStatement statement = db.prepareStatement(sql)) {
            statement.setInt(1, order);
            return statement.executeUpdate();
        }
    }

    private static void fulfill(Connection db, int order) throws SQLException {
        LOCK.lock();
        try (PreparedStatement select = db.prepareStatement("SELECT status FROM orders WHERE id = ?")) {
            select.setInt(1, order);
            try (ResultSet row = select.executeQuery()) {
                row.next();
            }
            update(db, "UPDATE orders SET status = 'fulfilled' WHERE id = ?", order);
            update(db, "INSERT INTO shipments (order_id) VALUES (?)", order);
        } finally {
            LOCK.unlock();
        }
    }

    private static Connection connect(int order) throws SQLException {
        Connection db = DriverManager.getConnection(System.getenv("SHOP_JDBC"));
        for (int i = 0; i < WARM; i++) {
            fulfill(db, order);
        }
        return db;
    }

    private static Thread start(Connection db, long at) {
        Thread thread = new Thread(() -> {
            try {
                while (System.nanoTime() < at) {
                    Thread.onSpinWait();
                }
                fulfill(db, 1);
            } catch (SQLException e) {
                throw new IllegalStateException(e);
            }
        });
        thread.start();
        return thread;
    }

    public static void main(String[] arguments) throws Exception {
        try (Connection db = Shop.connect(); Statement statement = db.createStatement()) {
            statement.execute("CREATE TABLE orders (id integer PRIMARY KEY, status varchar(20) NOT NULL)");
            statement.execute("CREATE TABLE shipments (id serial PRIMARY KEY, order_id integer NOT NULL)");
            statement.execute("INSERT INTO orders VALUES (1, 'pending'), (2, 'pending'), (3, 'pending')");
        }
        try (Connection one = connect(2); Connection other = connect(3)) {
            Thread.sleep(300);
            long now = System.nanoTime();
            Thread[] threads = {start(one, now + 100_000_000L), start(other, now + 400_000_000L)};
            for (Thread thread : threads) {
                thread.join();
            }
        }
    }
}
