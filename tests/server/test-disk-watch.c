/* When the disk of the mail gets full, it is said before mail is refused for it. */

#include "server-fixture.h"

#include "ph-disk-watch.h"
#include "ph-intake.h"

#define MB ((guint64)1000 * 1000)

static void
count_cb (guint *n)
{
  (*n)++;
}

/* Each once, and none for what goes up and down at its edge. */
static void
test_levels (void)
{
  static const struct
  {
    guint64     free_space;
    const char *says; /* NULL: nothing */
    guint       n_changes;
  } table[] = {
    { 10000 * MB, NULL, 0 },
    { 250 * MB, NULL, 0 },
    { 250 * MB - 1, "less than 250 MB", 1 },
    { 251 * MB, "less than 250 MB", 1 },
    { 101 * MB, "less than 250 MB", 1 },
    { 99 * MB, "less than 100 MB", 2 },
    { 124 * MB, "less than 100 MB", 2 },
    { 126 * MB, "less than 250 MB", 3 },
    { 40 * MB, "less than 50 MB", 4 },
    { PH_INTAKE_RESERVE, "less than 50 MB", 4 },
    { PH_INTAKE_RESERVE - 1, "is full", 5 },
    { 0, "is full", 5 },
    { PH_INTAKE_RESERVE + MB, "is full", 5 },
    { 90 * MB, "less than 100 MB", 6 },
    { 311 * MB, "less than 250 MB", 7 },
    { 313 * MB, NULL, 8 },
    { 0, "is full", 9 },
    { G_MAXUINT64, NULL, 10 },
  };
  g_autoptr (PhClock) clock = ph_clock_new_manual (0);
  g_autoptr (PhDiskWatch) watch = ph_disk_watch_new ("/nowhere", clock);
  guint n_changes = 0;

  g_signal_connect_swapped (watch, "notify::warning", G_CALLBACK (count_cb), &n_changes);
  for (guint i = 0; i < G_N_ELEMENTS (table); i++)
    {
      const char *warning;

      ph_disk_watch_note (watch, table[i].free_space);
      warning = ph_disk_watch_get_warning (watch);
      g_test_message ("%u: %s", i, warning);
      if (table[i].says == NULL)
        g_assert_null (warning);
      else
        g_assert_nonnull (strstr (warning, table[i].says));
      g_assert_cmpuint (n_changes, ==, table[i].n_changes);
    }
  while (g_main_context_iteration (NULL, FALSE))
    ;
}

static char *
dup_attention (PhServer *server)
{
  char *attention;

  g_object_get (server, "attention", &attention, NULL);

  return attention;
}

static void
press_server (PhServer *server,
              PhClock  *clock)
{
  g_autofree char *before = dup_attention (server);
  g_autofree char *during = NULL, *after = NULL;
  gint64           end = g_get_monotonic_time () + 60 * G_USEC_PER_SEC;

  ph_disk_watch_note (server->disk_watch, 20 * MB);
  during = dup_attention (server);
  g_assert_nonnull (during);
  g_assert_cmpstr (during, ==, ph_disk_watch_get_warning (server->disk_watch));

  while (ph_disk_watch_get_warning (server->disk_watch) != NULL)
    {
      g_assert_cmpint (g_get_monotonic_time (), <, end);
      ph_clock_advance (clock, PH_DISK_WATCH_INTERVAL);
      g_main_context_iteration (NULL, FALSE);
      g_usleep (1000);
    }
  after = dup_attention (server);
  g_assert_cmpstr (after, ==, before);
}

/* The server says it, and a look at the disk, which has room, takes it away: twice, for it looks once as it begins. */
static void
test_server (void)
{
  g_autofree char *dir = g_dir_make_tmp ("posthouse-XXXXXX", NULL);
  g_autoptr (PhClock) clock = ph_clock_new_manual (g_get_real_time ());
  PhServer *server = start_server_with_clock (dir, clock);

  if (ph_store_get_free_space (server->store) < 1000 * MB)
    g_test_skip ("The disk of this computer is nearly full");
  else
    for (guint i = 0; i < 2; i++)
      press_server (server, clock);

  stop_server (server);
  remove_tree (dir);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/server/disk-watch/levels", test_levels);
  g_test_add_func ("/server/disk-watch/server", test_server);

  return g_test_run ();
}
