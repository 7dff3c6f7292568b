#include "ph-format.h"

#include <gio/gio.h>
#include <glib/gi18n.h>
#include <time.h>

#define MINUTE 60
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)

static char *
format_date (gint64      time,
             const char *format)
{
  g_autoptr (GDateTime) date = g_date_time_new_from_unix_local (time / G_USEC_PER_SEC);

  return date != NULL ? g_date_time_format (date, format) : g_strdup ("");
}

char *
ph_format_day (gint64 time)
{
  /* Translators: a date, for g_date_time_format() */
  return format_date (time, _ ("%-d %b %Y"));
}

static char *
format_past (gint64 seconds,
             gint64 time)
{
  if (seconds < 10)
    return g_strdup (_ ("just now"));
  if (seconds < MINUTE)
    /* Translators: how long ago */
    return g_strdup_printf (ngettext ("%d second ago", "%d seconds ago", (gulong)seconds), (int)seconds);
  if (seconds < HOUR)
    /* Translators: how long ago */
    return g_strdup_printf (ngettext ("%d minute ago", "%d minutes ago", (gulong)(seconds / MINUTE)), (int)(seconds / MINUTE));
  if (seconds < 12 * HOUR)
    /* Translators: how long ago */
    return g_strdup_printf (ngettext ("%d hour ago", "%d hours ago", (gulong)(seconds / HOUR)), (int)(seconds / HOUR));
  if (seconds < 6 * DAY)
    /* Translators: a day of this week and a time, for g_date_time_format() */
    return format_date (time, _ ("%A %H:%M"));

  return ph_format_day (time);
}

static char *
format_future (gint64 seconds,
               gint64 time)
{
  if (seconds < MINUTE)
    return g_strdup (_ ("in less than a minute"));
  if (seconds < HOUR)
    /* Translators: how long until then */
    return g_strdup_printf (ngettext ("in %d minute", "in %d minutes", (gulong)(seconds / MINUTE)), (int)(seconds / MINUTE));
  if (seconds < 48 * HOUR)
    /* Translators: how long until then */
    return g_strdup_printf (ngettext ("in %d hour", "in %d hours", (gulong)(seconds / HOUR)), (int)(seconds / HOUR));

  return ph_format_day (time);
}

char *
ph_format_relative_time (gint64 time,
                         gint64 now)
{
  if (time > now)
    return format_future ((time - now) / G_USEC_PER_SEC, time);

  return format_past ((now - time) / G_USEC_PER_SEC, time);
}

char *
ph_format_absolute_time (gint64 time)
{
  return format_date (time, "%c");
}

void
ph_format_clock_time (gint64 time,
                      char   target[16])
{
  time_t    seconds = (time_t)(time / G_USEC_PER_SEC);
  struct tm local;

  localtime_r (&seconds, &local);
  g_snprintf (target, 16, "%02d:%02d:%02d.%03d", local.tm_hour % 100, local.tm_min % 100, local.tm_sec % 100,
              (int)(time / 1000 % 1000));
}

char *
ph_format_duration (gint64 duration)
{
  gint64 seconds = duration / G_USEC_PER_SEC;

  if (seconds < 1)
    /* Translators: a duration in milliseconds; short */
    return g_strdup_printf (_ ("%d ms"), (int)(duration / 1000));
  if (seconds < MINUTE)
    /* Translators: a duration in seconds; short */
    return g_strdup_printf (_ ("%d s"), (int)seconds);
  if (seconds < HOUR)
    /* Translators: a duration in minutes; short */
    return g_strdup_printf (_ ("%d min"), (int)(seconds / MINUTE));

  /* Translators: a duration in hours and minutes; short */
  return g_strdup_printf (_ ("%d h %d min"), (int)(seconds / HOUR), (int)(seconds % HOUR / MINUTE));
}

#define HEX_BYTES 16

char *
ph_format_hex (const guint8 *bytes,
               gsize         length)
{
  GString *text = g_string_new (NULL);

  for (gsize start = 0; start < length; start += HEX_BYTES)
    {
      gsize end = MIN (start + HEX_BYTES, length);

      g_string_append_printf (text, "%s%04x ", start > 0 ? "\n" : "", (guint)start);
      for (gsize i = start; i < start + HEX_BYTES; i++)
        if (i < end)
          g_string_append_printf (text, " %02x", bytes[i]);
        else
          g_string_append (text, "   ");
      g_string_append (text, "  ");
      for (gsize i = start; i < end; i++)
        g_string_append_c (text, g_ascii_isprint (bytes[i]) ? (char)bytes[i] : '.');
    }

  return g_string_free (text, FALSE);
}

const char *
ph_format_words (const char *text)
{
  /* gettext() has the header of the translation for the empty text. */
  return *text != '\0' ? _ (text) : text;
}

char *
ph_format_endpoint (const char *address,
                    guint       port)
{
  gboolean is_ipv6 = strchr (address, ':') != NULL;

  return g_strdup_printf (is_ipv6 ? "[%s]:%u" : "%s:%u", address, port);
}

gboolean
ph_format_is_loopback (const char *address)
{
  g_autoptr (GInetAddress) inet = g_inet_address_new_from_string (address);

  return inet != NULL && g_inet_address_get_is_loopback (inet);
}
