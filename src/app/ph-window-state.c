#include "ph-window-state.h"

#define SCHEMA_ID "org.posthouse.Posthouse"

static GSettings *
open_settings (void)
{
  GSettingsSchemaSource *source = g_settings_schema_source_get_default ();
  g_autoptr (GSettingsSchema) schema = source != NULL ? g_settings_schema_source_lookup (source, SCHEMA_ID, TRUE) : NULL;

  return schema != NULL ? g_settings_new_full (schema, NULL, NULL) : NULL;
}

void
ph_window_state_restore (GtkWindow *window)
{
  g_autoptr (GSettings) settings = open_settings ();

  if (settings == NULL)
    return;

  gtk_window_set_default_size (window, g_settings_get_int (settings, "window-width"), g_settings_get_int (settings, "window-height"));
  if (g_settings_get_boolean (settings, "window-maximized"))
    gtk_window_maximize (window);
}

void
ph_window_state_save (GtkWindow *window)
{
  g_autoptr (GSettings) settings = open_settings ();
  int width, height;

  if (settings == NULL)
    return;

  gtk_window_get_default_size (window, &width, &height);
  g_settings_set_int (settings, "window-width", width);
  g_settings_set_int (settings, "window-height", height);
  g_settings_set_boolean (settings, "window-maximized", gtk_window_is_maximized (window));
}

char *
ph_window_state_dup_seen_open (void)
{
  g_autoptr (GSettings) settings = open_settings ();

  return settings != NULL ? g_settings_get_string (settings, "seen-open") : NULL;
}

void
ph_window_state_set_seen_open (const char *services)
{
  g_autoptr (GSettings) settings = open_settings ();

  if (settings != NULL)
    g_settings_set_string (settings, "seen-open", services);
}
