/* Completion scripts. What they offer is what the help shows. */
#include <string.h>

#include "help.h"

static bool is_offered(const struct option_row *row)
{
	return row->name && !row->hidden && row->type != OPTION_ABSENT;
}

static const char *file_kind(const struct option_row *row)
{
	return row->type == OPTION_FOLDER ? "folder" : row->type == OPTION_FILE ? "file" : "";
}

static void bash_options(const struct command *command, FILE *out)
{
	const struct option_row *row;

	fprintf(out, "\t%s) words=\"--help", command->name);
	for (row = command->options; row->type != OPTION_END; row++)
		if (is_offered(row))
			fprintf(out, " --%s", row->name);
	fputs("\" ;;\n", out);
}

static void bash_values(const struct command *command, FILE *out)
{
	const struct option_row *row;
	uint32_t index;

	for (row = command->options; row->type != OPTION_END; row++) {
		if (!is_offered(row) || !row->argument)
			continue;
		fprintf(out, "\t%s:--%s) ", command->name, row->name);
		if (row->type == OPTION_WORD) {
			fputs("COMPREPLY=($(compgen -W \"", out);
			for (index = 0; row->words(index); index++)
				fprintf(out, "%s%s", index ? " " : "", row->words(index));
			fputs("\" -- \"$current\")) ;;\n", out);
		} else if (*file_kind(row)) {
			fprintf(out, "COMPREPLY=($(compgen -%c -- \"$current\")) ;;\n",
				row->type == OPTION_FOLDER ? 'd' : 'f');
		} else {
			fputs(": ;;\n", out);
		}
	}
}

static void bash(const struct command *const *commands, FILE *out)
{
	const struct command *const *command;

	fputs("# bash completion for race\n_race()\n{\n"
		"\tlocal current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]} words index\n"
		"\tCOMPREPLY=()\n\tif [ \"$COMP_CWORD\" = 1 ]; then\n\t\tCOMPREPLY=($(compgen -W \"", out);
	for (command = commands; *command; command++)
		fprintf(out, "%s ", (*command)->name);
	fputs("help --help --version\" -- \"$current\"))\n\t\treturn\n\tfi\n"
		"\t# behind -- the command's own words are completed\n"
		"\tfor ((index = 2; index < COMP_CWORD; index++)); do\n"
		"\t\tif [ \"${COMP_WORDS[index]}\" = -- ]; then\n"
		"\t\t\tif declare -F _command_offset > /dev/null; then _command_offset $((index + 1)); else\n"
		"\t\t\t\tCOMPREPLY=($(compgen -c -f -- \"$current\")); fi\n\t\t\treturn\n\t\tfi\n\tdone\n"
		"\tcase ${COMP_WORDS[1]}:$previous in\n", out);
	for (command = commands; *command; command++)
		bash_values(*command, out);
	fputs("\t*) case ${COMP_WORDS[1]} in\n", out);
	for (command = commands; *command; command++)
		bash_options(*command, out);
	fputs("\t*) words= ;;\n\tesac\n"
		"\tif [[ $current == -* ]]; then COMPREPLY=($(compgen -W \"$words --\" -- \"$current\")); else\n"
		"\t\tCOMPREPLY=($(compgen -f -- \"$current\")); fi ;;\n\tesac\n}\n"
		"complete -o filenames -F _race race\n", out);
}

/* Within '...' of a shell; brackets and colons mean something to _arguments. */
static void zsh_text(const char *text, FILE *out)
{
	for (; *text; text++) {
		if (*text == '\'')
			fputs("'\\''", out);
		else if (strchr("[]:", *text))
			fprintf(out, "\\%c", *text);
		else
			putc(*text, out);
	}
}

static void zsh_option(const struct option_row *row, FILE *out)
{
	uint32_t index;

	fprintf(out, "\t\t'%s--%s%s[", row->type == OPTION_LIST ? "*" : "", row->name, row->argument ? "=" : "");
	zsh_text(row->help, out);
	putc(']', out);
	if (row->argument) {
		putc(':', out);
		zsh_text(row->argument, out);
		putc(':', out);
		if (row->type == OPTION_WORD) {
			for (index = 0; row->words(index); index++)
				fprintf(out, "%s%s", index ? " " : "(", row->words(index));
			putc(')', out);
		} else if (*file_kind(row)) {
			fputs(row->type == OPTION_FOLDER ? "_files -/" : "_files", out);
		}
	}
	fputs("' \\\n", out);
}

static void zsh(const struct command *const *commands, FILE *out)
{
	const struct command *const *command;
	const struct option_row *row;

	fputs("#compdef race\nlocal -a commands\nif (( CURRENT == 2 )); then\n\tcommands=(\n", out);
	for (command = commands; *command; command++) {
		fprintf(out, "\t\t'%s:", (*command)->name);
		zsh_text((*command)->summary, out);
		fputs("'\n", out);
	}
	fputs("\t)\n\t_describe command commands\n\treturn\nfi\nshift words\n(( CURRENT-- ))\ncase $words[1] in\n", out);
	for (command = commands; *command; command++) {
		fprintf(out, "%s)\n\t_arguments -S \\\n", (*command)->name);
		for (row = (*command)->options; row->type != OPTION_END; row++)
			if (is_offered(row))
				zsh_option(row, out);
		fputs("\t\t'--help[say more]' \\\n", out);
		fputs((*command)->noperands ? "\t\t'*:file:_files' ;;\n" : "\t\t'*::command: _normal' ;;\n", out);
	}
	fputs("esac\n", out);
}

static void fish_text(const char *text, FILE *out)
{
	putc('\'', out);
	for (; *text; text++)
		fprintf(out, strchr("'\\", *text) ? "\\%c" : "%c", *text);
	putc('\'', out);
}

static void fish_option(const struct command *command, const struct option_row *row, FILE *out)
{
	uint32_t index;

	fprintf(out, "complete -c race -n '__fish_seen_subcommand_from %s' -l %s -d ", command->name, row->name);
	fish_text(row->help, out);
	if (row->argument)
		fputs(*file_kind(row) ? " -r -F" : " -x", out);
	if (row->type == OPTION_WORD) {
		fputs(" -a '", out);
		for (index = 0; row->words(index); index++)
			fprintf(out, "%s%s", index ? " " : "", row->words(index));
		putc('\'', out);
	}
	putc('\n', out);
}

static void fish(const struct command *const *commands, FILE *out)
{
	const struct option_row *row;

	fputs("# fish completion for race\n", out);
	for (; *commands; commands++) {
		fprintf(out, "complete -c race -n __fish_use_subcommand -f -a %s -d ", (*commands)->name);
		fish_text((*commands)->summary, out);
		putc('\n', out);
		for (row = (*commands)->options; row->type != OPTION_END; row++)
			if (is_offered(row))
				fish_option(*commands, row, out);
	}
}

int help_completion(const struct command *const *commands, const char *shell, FILE *out)
{
	if (strcmp(shell, "bash") == 0)
		bash(commands, out);
	else if (strcmp(shell, "zsh") == 0)
		zsh(commands, out);
	else if (strcmp(shell, "fish") == 0)
		fish(commands, out);
	else
		return -1;
	return 0;
}
