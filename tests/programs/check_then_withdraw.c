/* The balance is checked by one call and reduced by the next: both withdrawals pass the check.
 * race: explore --max-executions 200
 * expect: assert within 20
 */
#include "threads.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int balance = 100;

#ifdef FIXED
static bool withdraw(int amount)
{
	pthread_mutex_lock(&lock);
	bool enough = balance >= amount;
	if (enough)
		balance -= amount;
	pthread_mutex_unlock(&lock);
	return enough;
}
#else
static int balance_read(void)
{
	pthread_mutex_lock(&lock);
	int seen = balance;
	pthread_mutex_unlock(&lock);
	return seen;
}

static bool withdraw(int amount)
{
	if (balance_read() < amount)
		return false;
	pthread_mutex_lock(&lock);
	balance -= amount;
	pthread_mutex_unlock(&lock);
	return true;
}
#endif

static void *customer(void *unused)
{
	withdraw(80);
	return NULL;
}

int main(void)
{
	run_two(customer, customer);
	assert(balance >= 0);
	return 0;
}
