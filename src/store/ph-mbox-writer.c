#include "ph-mbox-writer.h"

#include "ph-file-window.h"
#include "ph-mbox-field.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static gboolean
write_text (GOutputStream *out,
            const char    *text,
            GError       **error)
{
  return g_output_stream_write_all (out, text, strlen (text), NULL, NULL, error);
}

/* asctime(), in UTC and without a locale. */
static char *
format_from_line (gint64 date)
{
  static const char *const days[] = { "Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun" };
  static const char *const months[] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
  g_autoptr (GDateTime) time = g_date_time_new_from_unix_utc (CLAMP (date, 0, G_GINT64_CONSTANT (253402300799)));

  return g_strdup_printf ("From MAILER-DAEMON %s %s %2d %02d:%02d:%02d %04d\n", days[g_date_time_get_day_of_week (time) - 1], months[g_date_time_get_month (time) - 1],
                          g_date_time_get_day_of_month (time), g_date_time_get_hour (time), g_date_time_get_minute (time), g_date_time_get_second (time), g_date_time_get_year (time));
}

/* Fields of its own that a reader would take for the mailbox's. */
static gboolean
has_mailbox_fields (PhFileWindow *window)
{
  guint64 offset = 0;

  for (;;)
    {
      PhMboxField   field;
      const guint8 *data;
      gsize         length;
      guint         n_fields;
      gboolean      open;

      if (!ph_file_window_look_line (window, offset, &data, &length, NULL) || length <= 1 || (length == 2 && data[0] == '\r'))
        return FALSE;
      if (offset == 0 && ph_mbox_field_read_marker (data, length, &n_fields, &open))
        return TRUE;
      if (ph_mbox_field_read (data, length, &field))
        {
          g_strfreev (field.keywords);
          return TRUE;
        }
      offset += length;
    }
}

static gboolean
copy_quoted (PhFileWindow  *window,
             GOutputStream *out,
             GError       **error)
{
  guint64  offset = 0, n_quotes;
  gboolean starts = TRUE;

  for (;;)
    {
      const guint8 *data;
      gsize         length;

      if (starts && ph_file_window_is_from_line (window, offset, &n_quotes) && !write_text (out, ">", error))
        return FALSE;
      if (!ph_file_window_look_line (window, offset, &data, &length, error))
        return FALSE;
      if (length == 0)
        return TRUE;
      if (!g_output_stream_write_all (out, data, length, NULL, NULL, error))
        return FALSE;
      starts = data[length - 1] == '\n';
      offset += length;
    }
}

gboolean
ph_mbox_write_message (GOutputStream     *out,
                       int                fd,
                       gint64             date,
                       PhFlags            flags,
                       const char *const *keywords,
                       GError           **error)
{
  g_autoptr (PhFileWindow) window = ph_file_window_new (fd);
  g_autofree char *from = format_from_line (date);
  struct stat      st;
  char             last = '\n';
  gboolean         open;

  open = fstat (fd, &st) == 0 && st.st_size > 0 && pread (fd, &last, 1, st.st_size - 1) == 1 && last != '\n';
  if (!write_text (out, from, error))
    return FALSE;
  if (open || flags != 0 || (keywords != NULL && *keywords != NULL) || has_mailbox_fields (window))
    {
      g_autofree char *fields = ph_mbox_field_format (flags, keywords, open);

      if (!write_text (out, fields, error))
        return FALSE;
    }

  return copy_quoted (window, out, error) && write_text (out, open ? "\n\n" : "\n", error);
}
