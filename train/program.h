/* program.h - a trainer as a program: from the command line to the files of the run. */
#ifndef DLCA_PROGRAM_H
#define DLCA_PROGRAM_H

/* The main of a trainer: `task_name` is a name for dlca_task_create. Prints, and returns the exit code: 0 done, 1 the
 * run failed, 2 a bad option, 130 ended by Ctrl-C. */
int dlca_train_program(int argc, char **argv, const char *task_name);

#endif
