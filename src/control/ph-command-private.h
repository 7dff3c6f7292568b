#pragma once

#include "ph-command.h"
#include "ph-control-client.h"

G_BEGIN_DECLS

typedef struct _PhCommand PhCommand;

/* One command: a row of one of the tables below, which end with NULL words. */
typedef struct
{
  const char *words;     /* "account add" */
  const char *arguments; /* "ADDRESS", for --help */
  const char *summary;
  guint       n_arguments_min;
  guint       n_arguments_max;
  gboolean    must_run; /* makes no sense where no Posthouse runs */
  int (*run) (PhCommand *self);
  const GOptionEntry *options; /* or NULL; they fill PhCommandOptions */
  gboolean            alone;   /* speaks to no Posthouse: there is no client */
} PhCommandRow;

extern const PhCommandRow ph_command_account_rows[];
extern const PhCommandRow ph_command_app_password_rows[];
extern const PhCommandRow ph_command_automatic_reply_rows[];
extern const PhCommandRow ph_command_domain_rows[];
extern const PhCommandRow ph_command_queue_rows[];
extern const PhCommandRow ph_command_send_rows[];
extern const PhCommandRow ph_command_service_rows[];
extern const PhCommandRow ph_command_transfer_rows[];

/* A command while it runs. */
struct _PhCommand
{
  const char         *program;
  const PhCommandRow *row;
  PhControlClient    *client;
  const char         *config_path; /* as the command line has it, or NULL */
  const char         *data_dir;
  char              **arguments; /* what is left of the command line, NULL-terminated */
};

/* What the options of the rows say; zeroed before a command line is read. */
typedef struct
{
  char    *name;
  gboolean generate;
  gboolean delete_mail;
  gboolean off;
  char    *first_day;
  char    *last_day;
  int      days;
  gboolean all;
  char    *to;
  char    *from;
  char    *subject;
  char    *body;
  char    *folder;
  char    *format;
} PhCommandOptions;

extern PhCommandOptions ph_command_options;

/* The answer, or NULL: then the reason is on standard error. */
GVariant *ph_command_call (PhCommand  *self,
                           const char *method,
                           GVariant   *parameters);

/* Says why on standard error, and gives PH_COMMAND_FAILED. */
int ph_command_fail (PhCommand  *self,
                     const char *message);

/* All that standard input has; NULL after saying why not. */
GByteArray *ph_command_read_input (PhCommand *self);

/* Prints a field of a line that scripts read: tabs and line ends become blanks.  `last`
 * ends the line. */
void ph_command_print_field (const char *text,
                             gboolean    last);

G_END_DECLS
