#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * PhDaemonOptions:
 *
 * The command line of posthoused(8).  A plain struct, owned by main.
 */
typedef struct
{
  char    *config_path; /* NULL for the usual one */
  char    *data_dir;
  gboolean demo;
  gboolean free_ports;
  gboolean json;
  gboolean version;
  gboolean background;
  gboolean start;
  gboolean stop;
  char   **accounts;         /* "bob@demo.test:secret", NULL-terminated, or NULL */
  char    *import_clever;    /* a settings.ini, or NULL */
  char    *export_authority; /* a file to write, "-", or NULL */
  char    *dkim_records;     /* a domain, or NULL */
} PhDaemonOptions;

gboolean ph_daemon_options_parse (PhDaemonOptions *self,
                                  int             *argc,
                                  char          ***argv,
                                  GError         **error);
void     ph_daemon_options_clear (PhDaemonOptions *self);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (PhDaemonOptions, ph_daemon_options_clear)

G_END_DECLS
