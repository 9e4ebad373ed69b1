#include "demand.h"

void demand_print(const struct schedule_line *line, FILE *out)
{
	switch (line->kind) {
	case CHOICE_TASK:
		fprintf(out, "%s never %s", line->task, line->ended ? "ended" : "reached");
		break;
	case CHOICE_TIMEOUT:
		fprintf(out, "%s never timed out%s", line->task, line->op != OP_NONE ? " in" : "");
		break;
	case CHOICE_BUSY:
		fprintf(out, "%s never could meet a busy database%s", line->task, line->text != NULL ? " at" : "");
		break;
	case CHOICE_WAKE:
		fprintf(out, "%s never could choose whom it wakes by", line->task);
		break;
	case CHOICE_VICTIM:
		fprintf(out, "%s never was the victim of a deadlock (%s)", line->task, line->answer);
		return;
	case CHOICE_FAULT:
		fprintf(out, "%s never could meet", line->task);
		break;
	case CHOICE_EVENT: case CHOICE_HOLD:
		fprintf(out, "%s never could %s", line->task, choice_word(line->kind));
		if (line->object != NULL)
			break;
		fprintf(out, " %s", line->answer);
		return;
	default:
		fprintf(out, "%s never could choose '%s %s'", line->task, choice_word(line->kind), line->answer);
		return;
	}
	schedule_print_what(line, out);
}
