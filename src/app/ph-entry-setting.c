#include "ph-entry-setting.h"

#include "ph-entry-row.h"

#include <gio/gio.h>
#include <glib/gi18n.h>
#include <string.h>

typedef struct
{
  const PhEntrySetting *setting;
  PhSettings           *settings;
} Bound;

static void
bound_free (gpointer  data,
            GClosure *closure)
{
  Bound *bound = data;

  g_object_unref (bound->settings);
  g_free (bound);
}

static const char *
get_problem (const PhEntrySetting *setting,
             GtkWidget            *row)
{
  return setting->check != NULL ? setting->check (gtk_editable_get_text (GTK_EDITABLE (row))) : NULL;
}

static void
changed_cb (GtkWidget            *row,
            const PhEntrySetting *setting)
{
  ph_entry_row_set_problem (ADW_ENTRY_ROW (row), _ (setting->title), get_problem (setting, row));
}

static void
applied_cb (GtkWidget *row,
            gpointer   data)
{
  Bound      *bound = data;
  const char *text = gtk_editable_get_text (GTK_EDITABLE (row));

  if (get_problem (bound->setting, row) != NULL)
    return;

  if (bound->setting->is_number)
    g_object_set (bound->settings, bound->setting->property, (guint)g_ascii_strtoull (text, NULL, 10), NULL);
  else
    g_object_set (bound->settings, bound->setting->property, text, NULL);
}

static void
load (const PhEntrySetting *setting,
      PhSettings           *settings,
      GtkWidget            *row)
{
  g_autofree char *number = setting->is_number ? g_strdup_printf ("%u", ph_settings_get_uint (settings, setting->property)) : NULL;

  gtk_editable_set_text (GTK_EDITABLE (row), number != NULL ? number : ph_settings_get_string (settings, setting->property));
}

void
ph_entry_setting_bind (const PhEntrySetting *setting,
                       PhSettings           *settings,
                       GtkWidget            *row)
{
  Bound *bound = g_new (Bound, 1);

  *bound = (Bound){ setting, g_object_ref (settings) };
  load (setting, settings, row);
  g_signal_connect (row, "changed", G_CALLBACK (changed_cb), (gpointer)setting);
  g_signal_connect_data (row, "apply", G_CALLBACK (applied_cb), bound, bound_free, 0);
}

const char *
ph_entry_setting_check_host (const char *text)
{
  if (strpbrk (text, " \t/@:") != NULL && !g_hostname_is_ip_address (text))
    return _ ("a host name or address, or nothing");

  return NULL;
}
