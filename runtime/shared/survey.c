#include "survey.h"

#include "crowd.h"
#include "early.h"
#include "model/model.h"
#include "suspension.h"

enum { MANY = 8 }; /* tasks: of fewer it doesn't pay to remember who waits for the same */

static void stamp(const struct world *world, struct task *task)
{
	task->last_seen = world->nsteps + 1;
	if (task->first_seen == 0)
		task->first_seen = task->last_seen;
}

static void survey_waiting(
	const struct world *world, struct task *task, struct decision *decision, struct survey *survey)
{
	const struct request *request = &task->pending;
	if (!(request->flags & REQUEST_TIMED) || (task->flags & TASK_EXPIRED))
		return;
	if (request->deadline_ns < survey->deadline_ns) {
		survey->deadline_ns = request->deadline_ns;
		survey->sleeps = request->flags & REQUEST_HOLD;
	}
	if ((op_info(request->op)->flags & ACT_PATIENT) || (request->flags & REQUEST_PATIENT) || !model_expirable(world, task))
		return;
	task_set_add(&decision->waiting, task->id);
	if ((request->flags & REQUEST_HOLD) || early_is_due(world, task)) {
		task_set_add(&decision->timed, task->id);
		decision->ntimed++;
	}
	if (request->flags & REQUEST_HOLD)
		stamp(world, task);
}

static bool is_enabled(struct world *world, struct task *task)
{
	return model_enabled(world, task) || (suspension_is_likely(task) && suspension_begin(world, task));
}

/* Can it go on? */
static bool survey_task(struct world *world, struct task *task, struct decision *decision, struct survey *survey)
{
	uint8_t state = __atomic_load_n(&task->state, __ATOMIC_ACQUIRE);
	if (state != TASK_READY && state != TASK_RETURNED) {
		survey->live |= state != TASK_FREE && state != TASK_ENDED;
		survey->lapsed |= state == TASK_LAPSED;
		return false;
	}
	survey->live = true;
	if (is_enabled(world, task)) {
		stamp(world, task);
		return true;
	}
	survey_waiting(world, task, decision, survey);
	if (world->ntasks >= MANY)
		crowd_join(world, task);
	return false;
}

/* Of sixty-four tasks, or those that there are, those in no crowd. */
static uint64_t alone(const struct world *world, uint32_t first)
{
	uint64_t all = world->ntasks - first < 63 ? (2ULL << (world->ntasks - first)) - 1 : ~0ULL;
	return (first > 0 ? all : all - 1) & ~world->crowded.words[first / 64];
}

/* The word of the set of enabled tasks, without crowds. */
static uint64_t survey_word(struct world *world, uint32_t first, struct decision *decision, struct survey *survey)
{
	uint64_t enabled = 0;
	for (uint64_t word = alone(world, first); word != 0; word &= word - 1) {
		if (!survey_task(world, &world->tasks[first + (uint32_t)__builtin_ctzll(word)], decision, survey))
			continue;
		enabled |= word & -word;
		decision->nenabled++;
	}
	return enabled;
}

void survey_tasks(struct world *world, struct decision *decision, struct survey *survey)
{
	if (world->ncrowds > 0 && __atomic_load_n(&world->struck, __ATOMIC_RELAXED) &&
		__atomic_exchange_n(&world->struck, 0, __ATOMIC_SEQ_CST))
		crowd_disband(world);
	decision->task = decision->cost = decision->nalternatives = decision->nenabled = decision->ntimed = 0;
	decision->timeout = decision->forced = false;
	*survey = (struct survey){.live = world->ncrowds > 0, .deadline_ns = UINT64_MAX};
	for (uint32_t i = 0, n = world_words(world); i < n; i++) {
		decision->timed.words[i] = decision->waiting.words[i] = 0;
		decision->enabled.words[i] = survey_word(world, i * 64, decision, survey);
	}
	if (world->ncrowds > 0)
		decision->nenabled += crowd_survey(world, &decision->enabled);
}
