#include "ph-automatic-reply.h"

#include <glib/gi18n-lib.h>
#include <stdio.h>
#include <string.h>

G_DEFINE_BOXED_TYPE (PhAutomaticReply, ph_automatic_reply, ph_automatic_reply_copy, ph_automatic_reply_free)

PhAutomaticReply *
ph_automatic_reply_new (void)
{
  PhAutomaticReply *self = g_new0 (PhAutomaticReply, 1);

  self->subject = g_strdup ("");
  self->text = g_strdup ("");
  self->days = PH_AUTOMATIC_REPLY_DAYS;

  return self;
}

PhAutomaticReply *
ph_automatic_reply_copy (const PhAutomaticReply *self)
{
  PhAutomaticReply *copy = g_memdup2 (self, sizeof *self);

  copy->subject = g_strdup (self->subject);
  copy->text = g_strdup (self->text);

  return copy;
}

void
ph_automatic_reply_free (PhAutomaticReply *self)
{
  if (self == NULL)
    return;

  g_free (self->subject);
  g_free (self->text);
  g_free (self);
}

static gboolean
is_text (const char *text,
         glong       max)
{
  return g_utf8_validate (text, -1, NULL) && g_utf8_strlen (text, -1) <= max;
}

/* Something that can be read. */
static gboolean
is_blank (const char *text)
{
  return text[strspn (text, " \t\r\n")] == '\0';
}

const char *
ph_automatic_reply_find_problem (const PhAutomaticReply *self)
{
  if (!is_text (self->subject, PH_AUTOMATIC_REPLY_SUBJECT_MAX) || strpbrk (self->subject, "\r\n") != NULL)
    return N_ ("The subject is too long for an automatic reply");
  if (!is_text (self->text, PH_AUTOMATIC_REPLY_TEXT_MAX))
    return N_ ("The text is too long for an automatic reply");
  if (self->enabled && is_blank (self->text))
    return N_ ("An automatic reply needs a text");
  if (self->first_day != 0 && self->last_day != 0 && self->last_day < self->first_day)
    return N_ ("The last day is before the first");
  if (self->days < 1 || self->days > PH_AUTOMATIC_REPLY_DAYS_MAX)
    return N_ ("The same sender is answered again after 1 to 30 days");

  return NULL;
}

gboolean
ph_automatic_reply_is_due (const PhAutomaticReply *self,
                           gint64                  now)
{
  g_autoptr (GDateTime) time = g_date_time_new_from_unix_local (now / G_USEC_PER_SEC);
  GDate today = { 0 };
  int   year, month, day;

  if (!self->enabled || is_blank (self->text) || time == NULL)
    return FALSE;

  g_date_time_get_ymd (time, &year, &month, &day);
  g_date_clear (&today, 1);
  g_date_set_dmy (&today, (GDateDay)day, (GDateMonth)month, (GDateYear)year);

  return (self->first_day == 0 || g_date_get_julian (&today) >= self->first_day) && (self->last_day == 0 || g_date_get_julian (&today) <= self->last_day);
}

gboolean
ph_automatic_reply_parse_day (const char *text,
                              guint32    *day)
{
  guint year, month, day_of_month;
  int   length = 0;
  GDate date;

  *day = 0;
  if (*text == '\0')
    return TRUE;
  if (strlen (text) != strlen ("2026-12-24") || strspn (text, "0123456789-") != strlen (text) || sscanf (text, "%4u-%2u-%2u%n", &year, &month, &day_of_month, &length) != 3 ||
      text[length] != '\0' || !g_date_valid_dmy ((GDateDay)day_of_month, (GDateMonth)month, (GDateYear)year))
    return FALSE;

  g_date_clear (&date, 1);
  g_date_set_dmy (&date, (GDateDay)day_of_month, (GDateMonth)month, (GDateYear)year);
  *day = g_date_get_julian (&date);

  return TRUE;
}

char *
ph_automatic_reply_format_day (guint32 day)
{
  GDate date;

  if (!g_date_valid_julian (day))
    return g_strdup ("");

  g_date_clear (&date, 1);
  g_date_set_julian (&date, day);

  return g_strdup_printf ("%04u-%02u-%02u", g_date_get_year (&date), (guint)g_date_get_month (&date), g_date_get_day (&date));
}
