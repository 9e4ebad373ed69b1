/* A transfer takes from one account and gives to the other under two separate locks: the auditor misses the money.
 * race: explore --max-executions 200
 * expect: assert within 50
 */
#include "threads.h"

struct account {
	pthread_mutex_t lock;
	int balance;
};

static struct account savings = {PTHREAD_MUTEX_INITIALIZER, 70};
static struct account current = {PTHREAD_MUTEX_INITIALIZER, 30};

#ifdef FIXED
/* Both locks, always in this order. */
static void lock_both(void)
{
	pthread_mutex_lock(&savings.lock);
	pthread_mutex_lock(&current.lock);
}

static void unlock_both(void)
{
	pthread_mutex_unlock(&current.lock);
	pthread_mutex_unlock(&savings.lock);
}

static void *transfer(void *unused)
{
	lock_both();
	savings.balance -= 20;
	current.balance += 20;
	unlock_both();
	return NULL;
}

static void *audit(void *unused)
{
	lock_both();
	int total = savings.balance + current.balance;
	unlock_both();
	assert(total == 100);
	return NULL;
}
#else
static void account_add(struct account *account, int amount)
{
	pthread_mutex_lock(&account->lock);
	account->balance += amount;
	pthread_mutex_unlock(&account->lock);
}

static int account_read(struct account *account)
{
	pthread_mutex_lock(&account->lock);
	int balance = account->balance;
	pthread_mutex_unlock(&account->lock);
	return balance;
}

static void *transfer(void *unused)
{
	account_add(&savings, -20);
	account_add(&current, 20);
	return NULL;
}

static void *audit(void *unused)
{
	int total = account_read(&savings) + account_read(&current);
	assert(total == 100);
	return NULL;
}
#endif

int main(void)
{
	run_two(transfer, audit);
	return 0;
}
