/*
 * Asks an adapter what the lines of its input say, and prints the answers, a line each:
 *
 *     adapter URL < QUESTIONS
 *
 *     keep                  ok, or what is wrong
 *     reset [SESSION]...    ok, or what is wrong
 *     reorder               ok, or what is wrong
 *     hear COUNT PLAIN      so much has been asked, by those who need not be feared
 *     digest                the digest, number of tables and of rows
 *     show                  the content, a line per row, then "."
 *     blocked SESSION...    is the first kept waiting by one of all? 1, 0, -1
 *     settle FLYING SESSION...
 *     time COUNT            the fastest of so many resets with a digest, in microseconds
 *
 * An adapter that can't be opened: what is wrong, and 2.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "explorer/db/adapter.h"
#include "explorer/db/digest.h"

enum { SESSIONS = 32 };

static const struct adapter *adapter;
static struct server *server;

static void report(int code, const struct complaint *complaint)
{
	puts(code == 0 ? "ok" : complaint->text);
}

static int digest(uint64_t *hash, uint32_t *ntables, uint32_t *nrows)
{
	struct complaint complaint = {""};
	struct image *image = adapter->image(server, "it", &complaint);
	struct digest *found = image ? digest_open(image) : NULL;

	if (!found) {
		puts(complaint.text);
		image_close(image);
		return -1;
	}
	*hash = found->hash;
	*ntables = image->ntables;
	*nrows = 0;
	for (uint32_t i = 0; i < image->ntables; i++)
		*nrows += image->tables[i].nrows;
	digest_close(found);
	image_close(image);
	return 0;
}

static void print_value(const struct image_value *value)
{
	putchar(' ');
	for (uint32_t i = 0; i < value->nbytes; i++)
		printf(value->bytes[i] > ' ' && value->bytes[i] <= '~' ? "%c" : "\\%02x", (unsigned char)value->bytes[i]);
}

static void show(void)
{
	struct complaint complaint = {""};
	struct image *image = adapter->image(server, "it", &complaint);

	for (uint32_t i = 0; image && i < image->ntables; i++)
		for (uint32_t j = 0; j < image->tables[i].nrows; j++) {
			const struct image_table *table = &image->tables[i];
			printf("%s:", table->name);
			for (uint32_t k = 0; k < table->ncolumns; k++)
				print_value(&table->values[j * table->ncolumns + k]);
			putchar('\n');
		}
	puts(image ? "." : complaint.text);
	image_close(image);
}

static void measure(int count)
{
	struct complaint complaint = {""};
	double best = 1e9;
	uint32_t ntables, nrows;
	uint64_t hash;

	while (count-- > 0) {
		struct timespec start, end;
		clock_gettime(CLOCK_MONOTONIC, &start);
		if (adapter->reset(server, NULL, 0, &complaint) < 0 || digest(&hash, &ntables, &nrows) < 0)
			return;
		clock_gettime(CLOCK_MONOTONIC, &end);
		double us = (double)(end.tv_sec - start.tv_sec) * 1e6 + (double)(end.tv_nsec - start.tv_nsec) / 1e3;
		best = us < best ? us : best;
	}
	printf("%.0f\n", best);
}

static void hear(uint64_t nasked, bool plain)
{
	if (adapter->hear)
		adapter->hear(server, nasked, plain);
	puts("ok");
}

static void answer(const char *word, const int32_t *sessions, uint32_t nsessions)
{
	struct complaint complaint = {""};
	uint32_t ntables, nrows;
	uint64_t hash;

	if (strcmp(word, "keep") == 0)
		report(adapter->keep(server, &complaint), &complaint);
	else if (strcmp(word, "reset") == 0)
		report(adapter->reset(server, sessions, nsessions, &complaint), &complaint);
	else if (strcmp(word, "reorder") == 0)
		report(adapter->reorder(server), &complaint);
	else if (strcmp(word, "hear") == 0)
		hear((uint64_t)sessions[0], sessions[1]);
	else if (strcmp(word, "blocked") == 0)
		printf("%d\n", adapter->is_blocked(server, sessions[0], sessions, nsessions));
	else if (strcmp(word, "settle") == 0)
		printf("%d\n", adapter->settle(server, sessions, 1, sessions, nsessions));
	else if (strcmp(word, "show") == 0)
		show();
	else if (strcmp(word, "time") == 0)
		measure(sessions[0]);
	else if (strcmp(word, "digest") == 0 && digest(&hash, &ntables, &nrows) == 0)
		printf("%016llx %u %u\n", (unsigned long long)hash, ntables, nrows);
}

int main(int argc, char **argv)
{
	struct complaint complaint = {""};
	char line[256];

	adapter = argc == 2 ? adapter_find(argv[1], &complaint) : NULL;
	server = adapter ? adapter->open(argv[1], &complaint) : NULL;
	if (!server) {
		puts(complaint.text);
		return 2;
	}
	while (fgets(line, sizeof line, stdin)) {
		int32_t sessions[SESSIONS] = {0};
		uint32_t n = 0;
		char *word = strtok(line, " \n"), *number;
		while (word && n < SESSIONS && (number = strtok(NULL, " \n")))
			sessions[n++] = atoi(number);
		if (word)
			answer(word, sessions, n);
		fflush(stdout);
	}
	adapter->close(server);
	return 0;
}
