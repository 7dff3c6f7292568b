/* Whom a person has blocked: kept, found by network, over in time. */

#include "ph-block-list.h"

#include <glib/gstdio.h>
#include <unistd.h>

#define START (G_GINT64_CONSTANT (1790000000) * G_USEC_PER_SEC)
#define HOUR (60 * 60)
#define HOUR_TIME (G_GINT64_CONSTANT (3600) * G_USEC_PER_SEC)

typedef struct
{
  char       *path;
  PhSettings *settings;
  PhClock    *clock;
  guint       n_items; /* by its signals */
} Fixture;

static void
setup (Fixture      *fixture,
       gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  int fd = g_file_open_tmp ("ph-block-XXXXXX", &fixture->path, &error);

  g_assert_no_error (error);
  close (fd);
  fixture->settings = ph_settings_new (fixture->path, &error);
  g_assert_no_error (error);
  fixture->clock = ph_clock_new_manual (START);
}

static void
teardown (Fixture      *fixture,
          gconstpointer data)
{
  ph_settings_flush (fixture->settings, NULL);
  g_object_unref (fixture->settings);
  g_object_unref (fixture->clock);
  g_unlink (fixture->path);
  g_free (fixture->path);
}

static void
changed_cb (GListModel *model,
            guint       position,
            guint       removed,
            guint       added,
            gpointer    data)
{
  Fixture *fixture = data;

  fixture->n_items = fixture->n_items - removed + added;
  g_assert_cmpuint (fixture->n_items, ==, g_list_model_get_n_items (model));
}

static PhBlockList *
make_list (Fixture *fixture)
{
  PhBlockList *list = ph_block_list_new (fixture->settings, fixture->clock);

  fixture->n_items = g_list_model_get_n_items (G_LIST_MODEL (list));
  g_signal_connect (list, "items-changed", G_CALLBACK (changed_cb), fixture);

  return list;
}

static void
test_networks (Fixture      *fixture,
               gconstpointer data)
{
  g_autoptr (PhBlockList) list = make_list (fixture);

  g_assert_true (ph_block_list_add (list, "192.0.2.1", 0));
  g_assert_true (ph_block_list_add (list, "2001:db8:0:7::1", 0));
  g_assert_false (ph_block_list_add (list, "mail.example.org", 0));
  g_assert_false (ph_block_list_add (list, "", 0));
  g_assert_nonnull (ph_block_list_find (list, "192.0.2.1"));
  g_assert_null (ph_block_list_find (list, "192.0.2.2"));
  g_assert_nonnull (ph_block_list_find (list, "2001:db8:0:7:aaaa::9"));
  g_assert_null (ph_block_list_find (list, "2001:db8:0:8::1"));

  /* Once more is not twice. */
  g_assert_true (ph_block_list_add (list, "192.0.2.1", HOUR));
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (list)), ==, 2);
  g_assert_cmpint (ph_block_get_until (ph_block_list_find (list, "192.0.2.1")), ==, START + HOUR_TIME);

  g_assert_true (ph_block_list_remove (list, ph_block_get_address (ph_block_list_find (list, "2001:db8:0:7::5"))));
  g_assert_null (ph_block_list_find (list, "2001:db8:0:7::1"));
  g_assert_false (ph_block_list_remove (list, "2001:db8:0:7::1"));
}

static void
test_time (Fixture      *fixture,
           gconstpointer data)
{
  g_autoptr (PhBlockList) list = make_list (fixture);

  g_assert_true (ph_block_list_add (list, "192.0.2.1", HOUR));
  g_assert_true (ph_block_list_add (list, "192.0.2.2", 2 * HOUR));
  g_assert_true (ph_block_list_add (list, "192.0.2.3", 0));
  ph_clock_advance (fixture->clock, HOUR_TIME - G_USEC_PER_SEC);
  g_assert_nonnull (ph_block_list_find (list, "192.0.2.1"));
  ph_clock_advance (fixture->clock, 2 * G_USEC_PER_SEC);
  g_assert_null (ph_block_list_find (list, "192.0.2.1"));
  g_assert_cmpuint (fixture->n_items, ==, 2);
  ph_clock_advance (fixture->clock, 24 * HOUR_TIME);
  g_assert_cmpuint (fixture->n_items, ==, 1);
  g_assert_nonnull (ph_block_list_find (list, "192.0.2.3"));
}

/* In the settings, for the next start. */
static void
test_kept (Fixture      *fixture,
           gconstpointer data)
{
  {
    g_autoptr (PhBlockList) list = make_list (fixture);

    g_assert_true (ph_block_list_add (list, "192.0.2.1", 0));
    g_assert_true (ph_block_list_add (list, "2001:db8::1", HOUR));
    g_assert_true (ph_block_list_add (list, "192.0.2.9", HOUR));
  }
  ph_clock_advance (fixture->clock, HOUR_TIME / 2);
  {
    g_autoptr (PhBlockList) list = make_list (fixture);

    g_assert_cmpuint (fixture->n_items, ==, 3);
    g_assert_cmpint (ph_block_get_until (ph_block_list_find (list, "192.0.2.9")), ==, START + HOUR_TIME);
    g_assert_cmpint (ph_block_get_until (ph_block_list_find (list, "192.0.2.1")), ==, 0);
    g_assert_nonnull (ph_block_list_find (list, "2001:db8::2"));
  }

  /* What a person wrote wrong does no harm to the rest. */
  g_object_set (fixture->settings, "blocked", "  nonsense 192.0.2.4@never 192.0.2.5  192.0.2.5", NULL);
  {
    g_autoptr (PhBlockList) list = make_list (fixture);

    g_assert_cmpuint (fixture->n_items, ==, 1);
    g_assert_nonnull (ph_block_list_find (list, "192.0.2.5"));
  }
}

static void
test_bound (Fixture      *fixture,
            gconstpointer data)
{
  g_autoptr (PhBlockList) list = make_list (fixture);

  for (guint i = 0; i < PH_BLOCK_LIST_MAX; i++)
    {
      g_autofree char *address = g_strdup_printf ("10.0.%u.%u", i / 256, i % 256);

      g_assert_true (ph_block_list_add (list, address, 0));
    }
  g_assert_false (ph_block_list_add (list, "192.0.2.1", 0));
  g_assert_true (ph_block_list_add (list, "10.0.0.0", HOUR)); /* in its place */
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add ("/block-list/networks", Fixture, NULL, setup, test_networks, teardown);
  g_test_add ("/block-list/time", Fixture, NULL, setup, test_time, teardown);
  g_test_add ("/block-list/kept", Fixture, NULL, setup, test_kept, teardown);
  g_test_add ("/block-list/bound", Fixture, NULL, setup, test_bound, teardown);

  return g_test_run ();
}
