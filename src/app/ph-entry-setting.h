#pragma once

#include <adwaita.h>

#include "ph-settings.h"

G_BEGIN_DECLS

/* A setting that is typed: static. */
typedef struct
{
  const char *id; /* of its row in the template */
  const char *property;
  const char *title;                       /* N_() */
  const char *(*check) (const char *text); /* as ph_entry_row_check_port(); NULL: anything will do */
  gboolean is_number;
} PhEntrySetting;

/* From now on `row`, an AdwEntryRow or AdwPasswordEntryRow with a button to apply, shows the setting, says what
 * is wrong while it is typed, and sets it when it is applied and nothing is. */
void ph_entry_setting_bind (const PhEntrySetting *setting,
                            PhSettings           *settings,
                            GtkWidget            *row);

/* Why `text` is no host name, address or nothing; NULL if it is one. */
const char *ph_entry_setting_check_host (const char *text);

G_END_DECLS
