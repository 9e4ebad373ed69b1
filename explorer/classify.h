/*
 * What kind of anomaly an outcome is, judged by how it differs from what every serial order gives.
 */
#ifndef RACE_EXPLORER_CLASSIFY_H
#define RACE_EXPLORER_CLASSIFY_H

#include "explain.h"

/* X(identifier, the word in reports) */
#define ANOMALIES(X) \
	X(OTHER, "other outcome") \
	X(LOST_WORK, "lost work") \
	X(HALF_DONE, "half-done work") \
	X(DOUBLE_EFFECT, "double effect") \
	X(DOUBLE_INSERT, "double insert") \
	X(MISSING_EFFECT, "missing effect") \
	X(LOST_UPDATE, "lost update") \
	X(WRITE_SKEW, "write skew") \
	X(READ_SKEW, "read skew") \
	X(REPLY, "wrong reply") \
	X(EXIT_STATUS, "exit status")

enum anomaly {
#define X(identifier, text) ANOMALY_##identifier,
	ANOMALIES(X)
#undef X
};

const char *anomaly_text(enum anomaly anomaly);

struct classification {
	enum anomaly anomaly;
	const char *table, *effect; /* what shows it; one of them, or neither */
	const char *reply;          /* the request whose reply shows it, NULL: none */
	const char *key;            /* of the effect, NULL: keys are not compared */
	const char *column;         /* rows were counted by equal values of this column, NULL: all rows were */
	const struct image_value *value;
	bool counted;               /* there is too much or too little of it: have, least and most are set */
	uint32_t have, least, most; /* how often: here, and in the serial orders */
	bool has_row;               /* `row` was written by two units */
	int64_t row;
};

struct classification classify(const struct explain_question *question);

#endif
