#include "ph-entry-row.h"

#include <gio/gio.h>
#include <glib/gi18n.h>

void
ph_entry_row_set_problem (AdwEntryRow *row,
                          const char  *title,
                          const char  *problem)
{
  g_autofree char *text = problem != NULL ? g_strdup_printf ("%s: %s", title, problem) : g_strdup (title);

  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), text);
  if (problem != NULL)
    gtk_widget_add_css_class (GTK_WIDGET (row), "error");
  else
    gtk_widget_remove_css_class (GTK_WIDGET (row), "error");
}

const char *
ph_entry_row_check_port (const char *text)
{
  guint64 port;

  if (!g_ascii_string_to_unsigned (text, 10, 1, G_MAXUINT16, &port, NULL))
    return _ ("a number from 1 to 65535");

  return NULL;
}

const char *
ph_entry_row_check_address (const char *text)
{
  if (!g_hostname_is_ip_address (text))
    return _ ("a numeric address of this computer, such as 127.0.0.1 or ::");

  return NULL;
}

void
ph_entry_row_focus (AdwEntryRow *row)
{
  gtk_widget_grab_focus (GTK_WIDGET (gtk_editable_get_delegate (GTK_EDITABLE (row))));
}
