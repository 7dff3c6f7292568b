#include "ph-date.h"

#include <string.h>

#include "ph-octet.h"

#define SECONDS_A_DAY 86400

static const char months[12][4] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
static const char weekdays[7][4] = { "Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat" };

/* RFC 5322 4.3; the military zones and all others mean nothing known: UTC. */
static const struct
{
  char name[4];
  gint hours;
} zones[] = {
  { "EST", -5 },
  { "EDT", -4 },
  { "CST", -6 },
  { "CDT", -5 },
  { "MST", -7 },
  { "MDT", -6 },
  { "PST", -8 },
  { "PDT", -7 },
};

/* A date as it is read; -1 is not read yet. */
typedef struct
{
  gint     year, month, day; /* month 1 to 12 */
  gint     hour, minute, second;
  gint     offset;
  gboolean has_zone;
} PhFields;

/* --- The calendar: days since 1970 of the proleptic Gregorian calendar --- */

static gint64
days_from_civil (gint64 year,
                 gint   month,
                 gint   day)
{
  gint64 y = month <= 2 ? year - 1 : year;
  gint64 era = (y >= 0 ? y : y - 399) / 400;
  gint64 of_era = y - era * 400;
  gint64 of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;

  return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

static void
civil_from_days (gint64    days,
                 PhFields *fields)
{
  gint64 z = days + 719468;
  gint64 era = (z >= 0 ? z : z - 146096) / 146097;
  gint64 of_era = z - era * 146097;
  gint64 year_of_era = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
  gint64 of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  gint64 shifted = (5 * of_year + 2) / 153;

  fields->day = (gint)(of_year - (153 * shifted + 2) / 5 + 1);
  fields->month = (gint)(shifted < 10 ? shifted + 3 : shifted - 9);
  fields->year = (gint)(year_of_era + era * 400 + (fields->month <= 2));
}

static gboolean
is_day (const PhFields *fields)
{
  static const gint8 lengths[12] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
  gboolean           leap = fields->year % 4 == 0 && (fields->year % 100 != 0 || fields->year % 400 == 0);

  return fields->year >= 1 && fields->year <= 9999 && fields->month >= 1 && fields->month <= 12 && fields->day >= 1 &&
         fields->day <= lengths[fields->month - 1] + (leap && fields->month == 2);
}

static gboolean
to_date (const PhFields *fields,
         PhDate         *date)
{
  if (!is_day (fields) || fields->hour < 0 || fields->hour > 23 || fields->minute < 0 || fields->minute > 59 ||
      fields->second < 0 || fields->second > 60)
    return FALSE;

  date->offset = fields->offset;
  date->time = days_from_civil (fields->year, fields->month, fields->day) * SECONDS_A_DAY + fields->hour * 3600 +
               fields->minute * 60 + fields->second - fields->offset * 60;

  return TRUE;
}

static gint64
floor_day (gint64 seconds)
{
  return (seconds >= 0 ? seconds : seconds - (SECONDS_A_DAY - 1)) / SECONDS_A_DAY;
}

gint64
ph_date_get_day (const PhDate *date)
{
  return floor_day (date->time + date->offset * 60);
}

/* Fields of the date in its zone; returns the weekday, 0 is Sunday. */
static guint
from_date (const PhDate *date,
           PhFields     *fields)
{
  gint64 first = days_from_civil (1, 1, 1) * SECONDS_A_DAY;
  gint64 last = days_from_civil (10000, 1, 1) * SECONDS_A_DAY - 1;
  gint64 local = CLAMP (CLAMP (date->time, first, last) + date->offset * 60, first, last);
  gint64 day = floor_day (local);
  gint   of_day = (gint)(local - day * SECONDS_A_DAY);

  civil_from_days (day, fields);
  fields->hour = of_day / 3600;
  fields->minute = of_day / 60 % 60;
  fields->second = of_day % 60;

  return (guint)(((day + 4) % 7 + 7) % 7);
}

/* --- Reading --- */

typedef struct
{
  const char *at;
  const char *end;
} PhCursor;

static gint
peek (const PhCursor *cursor)
{
  return cursor->at < cursor->end ? (guint8)*cursor->at : -1;
}

static gboolean
take (PhCursor *cursor,
      char      c)
{
  if (peek (cursor) != c)
    return FALSE;

  cursor->at++;
  return TRUE;
}

/* Exactly `min` to `max` digits, or -1. */
static gint
take_number (PhCursor *cursor,
             guint     min,
             guint     max)
{
  gint  value = 0;
  guint n = 0;

  for (; n < max && g_ascii_isdigit (peek (cursor)); n++)
    value = value * 10 + (*cursor->at++ - '0');

  return n < min || g_ascii_isdigit (peek (cursor)) ? -1 : value;
}

/* 1 to 12 or 0; of a longer word the first three letters count. */
static gint
find_month (const char *word,
            gsize       length)
{
  for (gint i = 0; length >= 3 && i < 12; i++)
    if (g_ascii_strncasecmp (word, months[i], 3) == 0)
      return i + 1;

  return 0;
}

static void
read_zone_name (PhFields   *fields,
                const char *word,
                gsize       length)
{
  fields->has_zone = TRUE;
  fields->offset = 0;
  for (gsize i = 0; length == 3 && i < G_N_ELEMENTS (zones); i++)
    if (g_ascii_strncasecmp (word, zones[i].name, 3) == 0)
      fields->offset = zones[i].hours * 60;
}

/* "+0100", "-07:00"; one that can't be is UTC. */
static void
read_zone (PhFields *fields,
           PhCursor *cursor)
{
  gboolean west = *cursor->at++ == '-';
  gint     hours = 0, minutes = 0;
  guint    n = 0;

  for (; n < 4 && g_ascii_isdigit (peek (cursor)); n++)
    {
      if (n < 2)
        hours = hours * 10 + (*cursor->at++ - '0');
      else
        minutes = minutes * 10 + (*cursor->at++ - '0');
      if (n == 1)
        take (cursor, ':');
    }

  fields->has_zone = TRUE;
  fields->offset = n == 4 && hours <= 23 && minutes <= 59 ? hours * 60 + minutes : 0;
  if (west)
    fields->offset = -fields->offset;
}

static void
read_word (PhFields *fields,
           PhCursor *cursor)
{
  const char *word = cursor->at;
  gsize       length;

  while (g_ascii_isalpha (peek (cursor)))
    cursor->at++;
  length = (gsize)(cursor->at - word);

  if (fields->month < 0 && find_month (word, length) > 0)
    fields->month = find_month (word, length);
  else if (fields->hour >= 0 && !fields->has_zone)
    read_zone_name (fields, word, length);
}

/* A day, a year, or a time: told apart by a colon and by their order. */
static gboolean
read_digits (PhFields *fields,
             PhCursor *cursor)
{
  const char *start = cursor->at;
  gint        value = take_number (cursor, 1, 4);
  gsize       n = (gsize)(cursor->at - start);

  if (value < 0)
    return FALSE;

  if (fields->hour < 0 && take (cursor, ':'))
    {
      fields->hour = value;
      fields->minute = take_number (cursor, 1, 2);
      fields->second = take (cursor, ':') ? take_number (cursor, 1, 2) : 0;
      return fields->minute >= 0 && fields->second >= 0;
    }

  if (fields->day < 0)
    fields->day = value;
  else if (fields->year < 0)
    fields->year = n >= 4 ? value : n == 3 || value >= 50 ? value + 1900
                                                          : value + 2000;

  return TRUE;
}

/* The order of the parts is not checked, so asctime() and the dashes of old news
 * software pass too; what is no part is skipped. */
gboolean
ph_date_parse (const char *text,
               gsize       length,
               PhDate     *date)
{
  PhCursor cursor = { text, text + length };
  PhFields fields = { -1, -1, -1, -1, -1, -1, 0, FALSE };

  while (cursor.at < cursor.end)
    {
      char c = *cursor.at;

      if (c == '(')
        cursor.at = (const char *)ph_octet_skip_comment ((const guint8 *)cursor.at, (const guint8 *)cursor.end);
      else if (g_ascii_isalpha (c))
        read_word (&fields, &cursor);
      else if ((c == '+' || c == '-') && fields.hour >= 0 && !fields.has_zone)
        read_zone (&fields, &cursor);
      else if (!g_ascii_isdigit (c))
        cursor.at++;
      else if (!read_digits (&fields, &cursor))
        return FALSE;
    }

  return to_date (&fields, date);
}

/* "1-Jul-1996" */
static gboolean
take_day (PhCursor *cursor,
          guint     min_digits,
          PhFields *fields)
{
  fields->day = take_number (cursor, min_digits, 2);
  if (fields->day < 0 || !take (cursor, '-') || cursor->end - cursor->at < 4)
    return FALSE;

  fields->month = find_month (cursor->at, 3);
  cursor->at += 3;
  if (!take (cursor, '-'))
    return FALSE;

  fields->year = take_number (cursor, 4, 4);

  return is_day (fields);
}

gboolean
ph_date_parse_internal (const char *text,
                        gsize       length,
                        PhDate     *date)
{
  PhCursor cursor = { text, text + length };
  PhFields fields = { 0 };
  gint     sign;

  if (!take_day (&cursor, take (&cursor, ' ') ? 1 : 2, &fields) || !take (&cursor, ' '))
    return FALSE;

  fields.hour = take_number (&cursor, 2, 2);
  fields.minute = take (&cursor, ':') ? take_number (&cursor, 2, 2) : -1;
  fields.second = take (&cursor, ':') ? take_number (&cursor, 2, 2) : -1;

  if (!take (&cursor, ' ') || (peek (&cursor) != '+' && peek (&cursor) != '-'))
    return FALSE;
  sign = *cursor.at++ == '-' ? -1 : 1;
  fields.offset = take_number (&cursor, 4, 4);
  if (fields.offset < 0 || fields.offset / 100 > 23 || fields.offset % 100 > 59)
    return FALSE;
  fields.offset = sign * (fields.offset / 100 * 60 + fields.offset % 100);

  return cursor.at == cursor.end && to_date (&fields, date);
}

gboolean
ph_date_parse_day (const char *text,
                   gsize       length,
                   gint64     *day)
{
  PhCursor cursor = { text, text + length };
  PhFields fields = { 0 };

  if (!take_day (&cursor, 1, &fields) || cursor.at != cursor.end)
    return FALSE;

  *day = days_from_civil (fields.year, fields.month, fields.day);
  return TRUE;
}

/* --- Writing --- */

char *
ph_date_format (const PhDate *date)
{
  PhFields f = { 0 };
  guint    weekday = from_date (date, &f);
  gint     offset = ABS (date->offset);

  return g_strdup_printf ("%s, %d %s %04d %02d:%02d:%02d %c%02d%02d", weekdays[weekday], f.day, months[f.month - 1],
                          f.year, f.hour, f.minute, f.second, date->offset < 0 ? '-' : '+', offset / 60, offset % 60);
}

char *
ph_date_format_internal (const PhDate *date)
{
  PhFields f = { 0 };
  gint     offset = ABS (date->offset);

  from_date (date, &f);

  return g_strdup_printf ("%2d-%s-%04d %02d:%02d:%02d %c%02d%02d", f.day, months[f.month - 1], f.year, f.hour,
                          f.minute, f.second, date->offset < 0 ? '-' : '+', offset / 60, offset % 60);
}

PhDate
ph_date_from_local (gint64 unix_time)
{
  /* GLib looks for the zone of the system each time, which may have changed: once a minute is enough. */
  static _Thread_local gint64 known_minute = -1;
  static _Thread_local gint   known_offset;
  gint64                      minute = unix_time / 60;

  if (minute != known_minute)
    {
      g_autoptr (GDateTime) local = g_date_time_new_from_unix_local (unix_time);

      known_offset = local != NULL ? (gint)(g_date_time_get_utc_offset (local) / G_TIME_SPAN_MINUTE) : 0;
      known_minute = minute;
    }

  return (PhDate){ unix_time, known_offset };
}
