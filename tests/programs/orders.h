/*
 * Two fulfilments, one by the main task and one by another, that say in which order their statements came: who includes
 * this has opened sessions, defines the statements and says how many shipments there are. Statements print nothing before
 * the end, so that there are no more interleavings than those of the statements.
 */
#ifndef RACE_TESTS_ORDERS_H
#define RACE_TESTS_ORDERS_H

#include <pthread.h>
#include <stdio.h>

static int is_pending(int who);
static void set_fulfilled(int who);
static void ship(int who);
static int count_shipments(void);
static void open_sessions(void);

static char orders_said[16];
static int orders_length;

static void say(int who)
{
	orders_said[orders_length++] = "AB"[who];
}

static void fulfill(int who)
{
	int pending = is_pending(who);

	say(who);
	if (!pending)
		return;
	set_fulfilled(who);
	say(who);
	ship(who);
	say(who);
}

static void *fulfill_other(void *unused)
{
	(void)unused;
	fulfill(1);
	return NULL;
}

int main(void)
{
	pthread_t other;

	open_sessions();
	pthread_create(&other, NULL, fulfill_other, NULL);
	fulfill(0);
	pthread_join(other, NULL);
	printf("order %s shipments %d\n", orders_said, count_shipments());
	return 0;
}

#endif
