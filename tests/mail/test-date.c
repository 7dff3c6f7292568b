#include "ph-date.h"

#include <string.h>

#include "../note.h"

static const struct
{
  const char *text;
  gint64      time;
  gint        offset;
} good[] = {
  { "Mon, 23 Nov 2026 00:05:24 +0000", 1795392324, 0 },
  { "Wed, 17 Jul 1996 02:44:25 -0700", 837596665, -420 },
  { "17 Jul 1996 02:44 -0700", 837596640, -420 },
  { "Wed, 17 Jul 1996 02:44:25 -0700 (PDT)", 837596665, -420 },
  { "Wed, 17 Jul 1996 02:44:25 PDT", 837596665, -420 },
  { "wed, 17 JUL 96 02:44:25 pdt", 837596665, -420 },
  { "17 July 1996 02:44:25 MST", 837596665, -420 },
  { "17-Jul-96 09:44:25 GMT", 837596665, 0 },
  { "17 Jul 1996 09:44:25 Z", 837596665, 0 },
  { "17 Jul 1996 09:44:25 K", 837596665, 0 },
  { "17 Jul 1996 09:44:25", 837596665, 0 },
  { "17 Jul 096 09:44:25", 837596665, 0 },
  { "(a(b\\)c)) Wed (x),\r\n 17 (y) Jul\t1996 02 (z)", 0, 1 },
  { "(a(b\\)c)) Wed (x),\r\n 17 (y) Jul\t1996 02:44:25 (z) -0700", 837596665, -420 },
  { "Wed Jul 17 09:44:25 1996", 837596665, 0 },
  { "17 Jul 1996 15:14:25 +05:30", 837596665, 330 },
  { "1 Jan 1970 00:00:00 +0000", 0, 0 },
  { "31 Dec 1969 23:59:59 +0000", -1, 0 },
  { "1 Jan 0001 00:00:00 +0000", -62135596800, 0 },
  { "31 Dec 9999 23:59:59 +0000", 253402300799, 0 },
  { "29 Feb 2000 12:00:00 +0000", 951825600, 0 },
  { "1 Jan 49 00:00:00 +0000", 2493072000, 0 },
  { "1 Jan 50 00:00:00 +0000", -631152000, 0 },
  { "17 Jul 1996 09:44:25 +9999", 837596665, 0 },
  { "31 Dec 2016 23:59:60 +0000", 1483228800, 0 },
};

static const char *const bad[] = {
  "",
  " ",
  "garbage",
  "17",
  "17 Jul",
  "17 Jul 1996",
  "Jul 1996 02:44",
  "30 Feb 2000 00:00:00 +0000",
  "29 Feb 1900 00:00 +0000",
  "0 Jan 2000 00:00 +0000",
  "32 Jan 2000 00:00 +0000",
  "1 Jan 2000 24:00:00 +0000",
  "1 Jan 2000 00:60:00 +0000",
  "1 Jan 2000 00:00:61 +0000",
  "1 Jan 0000 00:00:00 +0000",
  "1 Jan 12345 00:00:00 +0000",
  "99999999999999999999 Jan 2000 00:00 +0000",
  "1 Foo 2000 00:00 +0000",
  "(((((",
  "(\\",
  "1 Jan 2000 00: +0000",
};

static void
test_parse (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (good); i++)
    {
      PhDate   date;
      gboolean parsed = ph_date_parse (good[i].text, strlen (good[i].text), &date);

      if (good[i].offset == 1) /* marks one that lacks its time */
        {
          g_assert_false (parsed);
          continue;
        }
      note (good[i].text);
      g_assert_true (parsed);
      g_assert_cmpint (date.time, ==, good[i].time);
      g_assert_cmpint (date.offset, ==, good[i].offset);
    }

  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      PhDate date;

      note (bad[i]);
      g_assert_false (ph_date_parse (bad[i], strlen (bad[i]), &date));
    }
}

static char *
format_with_glib (GDateTime *local)
{
  g_autofree char *weekday = g_date_time_format (local, "%a");
  g_autofree char *month = g_date_time_format (local, "%b");
  g_autofree char *time = g_date_time_format (local, "%H:%M:%S");

  return g_strdup_printf ("%s, %d %s %04d %s ", weekday, g_date_time_get_day_of_month (local), month,
                          g_date_time_get_year (local), time);
}

/* GLib knows the calendar too. */
static void
test_format (void)
{
  for (gint64 time = -62135510400; time < 253402214400; time += 86400 * 97 + 3661)
    {
      PhDate date = { time, (gint)(time / 3661 % 1439) }, again;
      g_autoptr (GDateTime) utc = g_date_time_new_from_unix_utc (time);
      g_autoptr (GDateTime) local = g_date_time_add_minutes (utc, date.offset);
      g_autofree char *expected = format_with_glib (local);
      g_autofree char *text = ph_date_format (&date);
      g_autofree char *internal = ph_date_format_internal (&date);

      g_assert_true (g_str_has_prefix (text, expected));
      g_assert_true (ph_date_parse (text, strlen (text), &again));
      g_assert_cmpint (again.time, ==, date.time);
      g_assert_cmpint (again.offset, ==, date.offset);
      g_assert_true (ph_date_parse_internal (internal, strlen (internal), &again));
      g_assert_cmpint (again.time, ==, date.time);
      g_assert_cmpint (again.offset, ==, date.offset);
    }
}

static void
test_extremes (void)
{
  PhDate           first = { G_MININT64, -1439 }, last = { G_MAXINT64, 1439 };
  g_autofree char *first_text = ph_date_format (&first);
  g_autofree char *last_text = ph_date_format_internal (&last);

  g_assert_cmpstr (first_text, ==, "Mon, 1 Jan 0001 00:00:00 -2359");
  g_assert_cmpstr (last_text, ==, "31-Dec-9999 23:59:59 +2359");
}

static void
test_internal (void)
{
  static const char *const refused[] = {
    "",
    "17-Jul-1996",
    "1-Jul-1996 02:44:25 -0700",
    "17-Jul-1996 02:44:25",
    "17-Jul-1996 02:44:25 -07000",
    "17-Jul-1996 02:44:25 -070",
    "17-Jul-1996 2:44:25 -0700",
    "17-Jul-96 02:44:25 -0700",
    "17-Foo-1996 02:44:25 -0700",
    "31-Feb-1996 02:44:25 -0700",
    "17-Jul-1996 24:44:25 -0700",
    "17-Jul-1996 02:44:25 -2400",
    "17-Jul-1996 02:44:25 0700",
    "17-Jul-1996  02:44:25 -0700",
    "17-Jul-1996 02:44:25 -0700 ",
    " 17-Jul-1996 02:44:25 -070",
  };
  PhDate date;

  g_assert_true (ph_date_parse_internal ("17-Jul-1996 02:44:25 -0700", 26, &date));
  g_assert_cmpint (date.time, ==, 837596665);
  g_assert_cmpint (date.offset, ==, -420);
  g_assert_true (ph_date_parse_internal (" 1-jul-1996 02:44:25 +0030", 26, &date));
  g_assert_cmpint (date.offset, ==, 30);

  for (gsize i = 0; i < G_N_ELEMENTS (refused); i++)
    g_assert_false (ph_date_parse_internal (refused[i], strlen (refused[i]), &date));
}

/* I39: days are compared in the zone of the date. */
static void
test_day (void)
{
  PhDate date = { 86400 * 10 - 60, 0 };
  gint64 day;

  g_assert_cmpint (ph_date_get_day (&date), ==, 9);
  date.offset = 1;
  g_assert_cmpint (ph_date_get_day (&date), ==, 10);
  date = (PhDate){ -1, 0 };
  g_assert_cmpint (ph_date_get_day (&date), ==, -1);

  g_assert_true (ph_date_parse_day ("1-Feb-1970", 10, &day));
  g_assert_cmpint (day, ==, 31);
  g_assert_true (ph_date_parse_day ("01-Jan-1970", 11, &day));
  g_assert_cmpint (day, ==, 0);
  g_assert_false (ph_date_parse_day ("01-Jan-70", 9, &day));
  g_assert_false (ph_date_parse_day ("01-Jan-1970 ", 12, &day));
  g_assert_false (ph_date_parse_day ("30-Feb-1970", 11, &day));
}

static void
test_local (void)
{
  PhDate date = ph_date_from_local (837596665);

  g_assert_cmpint (date.time, ==, 837596665);
  g_assert_cmpint (ABS (date.offset), <, 1440);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/mail/date/parse", test_parse);
  g_test_add_func ("/mail/date/format", test_format);
  g_test_add_func ("/mail/date/extremes", test_extremes);
  g_test_add_func ("/mail/date/internal", test_internal);
  g_test_add_func ("/mail/date/day", test_day);
  g_test_add_func ("/mail/date/local", test_local);

  return g_test_run ();
}
