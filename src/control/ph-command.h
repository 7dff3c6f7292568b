#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The command line that posthouse(1) and posthoused(8) share: "PROGRAM [--config FILE]
 * [--data DIR] COMMAND…", which asks the Posthouse that runs, or does it itself. */

/* Exit statuses, which scripts rely on. */
enum {
  PH_COMMAND_DONE = 0,
  PH_COMMAND_FAILED = 1,
  PH_COMMAND_MISUSED = 2,
  PH_COMMAND_NOT_RUNNING = 3,
};

/* An exit status, or -1 where the words are no command: then the program goes on.
 * May block; not for a program that serves already. */
int ph_command_try (const char *program,
                    int         argc,
                    char      **argv);

/* The list of commands for --help.  Transfer full. */
char *ph_command_describe_all (void);

G_END_DECLS
