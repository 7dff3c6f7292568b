#include "ph-schedule.h"

#include <string.h>

#define MINUTE (60 * G_USEC_PER_SEC)

static gboolean
take_number (const char **text,
             guint16     *minutes)
{
  char   *end;
  guint64 number = g_ascii_isdigit (**text) ? g_ascii_strtoull (*text, &end, 10) : 0;

  if (number == 0 || number > PH_SCHEDULE_MINUTES_MAX)
    return FALSE;

  *minutes = (guint16)number;
  *text = end;

  return TRUE;
}

static gboolean
parse (const char *text,
       PhSchedule *self)
{
  for (text += strspn (text, " ,"); *text != '\0'; text += strspn (text, " ,"))
    {
      if (self->n == PH_SCHEDULE_STEPS_MAX || !take_number (&text, &self->minutes[self->n]))
        return FALSE;
      self->n++;
      if (*text != '\0' && strchr (" ,", *text) == NULL)
        return FALSE;
    }

  return self->n > 0;
}

gboolean
ph_schedule_parse (const char *text,
                   PhSchedule *self)
{
  *self = (PhSchedule){ 0 };
  if (parse (text, self))
    return TRUE;

  *self = (PhSchedule){ 0 };

  return FALSE;
}

gint64
ph_schedule_get_delay (const PhSchedule *self,
                       guint             tries,
                       double            jitter)
{
  PhSchedule usual;
  gint64     delay;

  if (self->n == 0)
    {
      ph_schedule_parse (PH_SCHEDULE_USUAL, &usual);
      self = &usual;
    }
  delay = (gint64)self->minutes[CLAMP (tries, 1, self->n) - 1] * MINUTE;

  return delay + (gint64)(CLAMP (jitter, -1.0, 1.0) * (double)delay / 10);
}

gint64
ph_schedule_get_end (gint64   since,
                     guint    give_up_after,
                     gboolean null_sender)
{
  guint seconds = null_sender ? MIN (give_up_after, PH_SCHEDULE_NULL_SENDER_SECONDS) : give_up_after;

  return since + (gint64)seconds * G_USEC_PER_SEC;
}
