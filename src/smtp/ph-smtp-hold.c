/* FUTURERELEASE (RFC 4865): mail that is submitted now and is to go out later. */

#include "ph-smtp-session-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

guint
ph_smtp_session_get_hold_max (PhSmtpSession *self,
                              gint64        *now)
{
  PhSmtpHandlerInterface *iface = PH_SMTP_HANDLER_GET_IFACE (self->handler);

  /* Section 4.2: nowhere but on submission. */
  if (self->config.role != PH_SMTP_ROLE_SUBMISSION || iface->get_hold_max == NULL)
    return 0;

  return iface->get_hold_max (self->handler, now);
}

void
ph_smtp_hold_append_offer (PhSmtpSession *self,
                           GString       *text)
{
  gint64 now;
  guint  max = ph_smtp_session_get_hold_max (self, &now);
  g_autoptr (GDateTime) last = NULL;
  g_autofree char *date = NULL;

  if (max == 0)
    return;

  last = g_date_time_new_from_unix_utc (now / G_USEC_PER_SEC + max);
  date = g_date_time_format (last, "%Y-%m-%dT%H:%M:%SZ");
  g_string_append_printf (text, "\nFUTURERELEASE %u %s", max, date);
}

/* Sections 4.2, items 7 to 11. */
static PhSmtpReply *
hold (PhSmtpSession *self,
      gint64         release,
      const char    *kind,
      const char    *value,
      gsize          length)
{
  gint64 now = 0;
  guint  max = ph_smtp_session_get_hold_max (self, &now);

  if (max == 0 || release > now + (gint64)max * G_USEC_PER_SEC)
    /* Translators: a number of seconds */
    ph_journal_session_note (ph_session_get_journal (PH_SESSION (self)), N_ ("Mail is kept for so many seconds at most, by HoldDays in [Limits]: %u"), max);
  if (max == 0)
    return ph_smtp_reply_new (555, "5.5.4", "Mail is not kept here");
  if (self->envelope->release != 0)
    return ph_smtp_reply_new (501, "5.5.4", "HOLDFOR or HOLDUNTIL, not both");
  if (release <= now)
    return ph_smtp_reply_new (501, "5.5.4", "That time has passed");
  if (release > now + (gint64)max * G_USEC_PER_SEC)
    return ph_smtp_reply_new (501, "5.5.4", "Mail is kept for %u seconds at most", max);

  self->envelope->release = release;
  self->envelope->hold = g_strdup_printf ("%s;%.*s", kind, (int)length, value);

  return NULL;
}

/* future-release-integer = %x31-39 *8DIGIT */
PhSmtpReply *
ph_smtp_hold_apply_for (gpointer    target,
                        const char *value,
                        gsize       length)
{
  PhSmtpSession *self = target;
  gint64         now = 0, seconds = 0;

  for (gsize i = 0; i < length; i++)
    {
      if (!g_ascii_isdigit (value[i]) || value[0] == '0' || length > 9)
        return ph_smtp_reply_new (501, "5.5.4", "HOLDFOR needs a number of seconds");
      seconds = seconds * 10 + (value[i] - '0');
    }

  ph_smtp_session_get_hold_max (self, &now);

  return hold (self, now + seconds * G_USEC_PER_SEC, "for", value, length);
}

/* "2026-12-24T18:00:00Z" and nothing like it: GDateTime takes more than RFC 3339 has. */
static gboolean
is_date_time (const char *value,
              gsize       length)
{
  static const char pattern[] = "dddd-dd-ddTdd:dd:ddZ";

  if (length != sizeof pattern - 1)
    return FALSE;
  for (gsize i = 0; i < length; i++)
    if (pattern[i] == 'd' ? !g_ascii_isdigit (value[i]) : pattern[i] != g_ascii_toupper (value[i]))
      return FALSE;

  return TRUE;
}

PhSmtpReply *
ph_smtp_hold_apply_until (gpointer    target,
                          const char *value,
                          gsize       length)
{
  g_autofree char *text = g_ascii_strup (value, (gssize)length);
  g_autoptr (GDateTime) time = is_date_time (value, length) ? g_date_time_new_from_iso8601 (text, NULL) : NULL;

  if (time == NULL)
    return ph_smtp_reply_new (501, "5.5.4", "HOLDUNTIL needs a time as 2026-12-24T18:00:00Z");

  return hold (target, g_date_time_to_unix (time) * G_USEC_PER_SEC, "until", text, length);
}
