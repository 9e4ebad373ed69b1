/* Two purchases read a balance and write it back, with a lock on a file around the writing only: one payment is lost;
 * fixed, around both.
 * race: explore --max-executions 200
 * expect: serializability within 5
 * class: lost update
 */
#include "store.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/file.h>
#include <unistd.h>

/* Of this run alone. */
static char path[] = "/tmp/store-lock-XXXXXX";

__attribute__((constructor)) static void choose_path(void)
{
	close(mkstemp(path));
}

__attribute__((destructor)) static void remove_file(void)
{
	unlink(path);
}

static bool purchase_on(sqlite3 *connection, int price)
{
	int fd = open(path, O_RDWR | O_CREAT, 0600);

#ifdef FIXED
	flock(fd, LOCK_EX);
#endif
	int balance = store_ask(connection, "SELECT balance FROM accounts WHERE id = 1");
#ifndef FIXED
	flock(fd, LOCK_EX);
#endif
	store_run(connection, "UPDATE accounts SET balance = ? WHERE id = 1", balance - price);
	flock(fd, LOCK_UN);
	close(fd);
	return true;
}

static void *purchase(void *price)
{
	return store_unit(purchase_on, (int)(intptr_t)price);
}

int main(int argc, char **argv)
{
	store_create(argc, argv, "CREATE TABLE accounts (id INTEGER PRIMARY KEY, balance INTEGER);"
				 "INSERT INTO accounts VALUES (1, 100)");
	pthread_t book = start(purchase, (void *)30);
	pthread_t lamp = start(purchase, (void *)50);
	finish(book);
	finish(lamp);
	return 0;
}
