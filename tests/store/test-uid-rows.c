#include "ph-uid-rows.h"

typedef struct
{
  guint32 uid;
  guint32 square;
} Row;

static void
append (PhUidRows *rows,
        GArray    *model,
        guint      n,
        guint32    gap)
{
  g_autoptr (GArray) added = g_array_new (FALSE, FALSE, sizeof (Row));
  guint32 uid = model->len > 0 ? g_array_index (model, Row, model->len - 1).uid : 0;

  for (guint i = 0; i < n; i++)
    {
      Row row;

      uid += 1 + (gap > 0 ? (guint32)g_test_rand_int_range (0, (gint32)gap) : 0);
      row = (Row){ .uid = uid, .square = uid * uid };
      g_array_append_val (added, row);
    }
  ph_uid_rows_append (rows, added->data, added->len);
  g_array_append_vals (model, added->data, added->len);
}

static void
remove_some (PhUidRows *rows,
             GArray    *model,
             guint      share) /* one of so many goes, and as many that are not there */
{
  g_autoptr (GArray) uids = g_array_new (FALSE, FALSE, sizeof (guint32));
  guint32 last = model->len > 0 ? g_array_index (model, Row, model->len - 1).uid : 0;
  guint   kept = 0;

  for (guint32 uid = 0; uid <= last + 1; uid++)
    if (g_test_rand_int_range (0, (gint32)share) == 0)
      g_array_append_val (uids, uid);
  ph_uid_rows_remove (rows, (const guint32 *)(gpointer)uids->data, uids->len);

  for (guint i = 0, next = 0; i < model->len; i++)
    {
      Row row = g_array_index (model, Row, i);

      while (next < uids->len && g_array_index (uids, guint32, next) < row.uid)
        next++;
      if (next == uids->len || g_array_index (uids, guint32, next) != row.uid)
        g_array_index (model, Row, kept++) = row;
    }
  g_array_set_size (model, kept);
}

static void
check (PhUidRows *rows,
       GArray    *model)
{
  guint position;

  g_assert_cmpuint (ph_uid_rows_get_length (rows), ==, model->len);
  for (guint i = 0; i < model->len; i++)
    {
      const Row *row = ph_uid_rows_get (rows, i);

      g_assert_cmpuint (row->uid, ==, g_array_index (model, Row, i).uid);
      g_assert_cmpuint (row->square, ==, row->uid * row->uid);
      g_assert_true (ph_uid_rows_find (rows, row->uid, &position));
      g_assert_cmpuint (position, ==, i);
    }

  for (guint i = 0; i < 200 && model->len > 0; i++)
    {
      guint    place = (guint)g_test_rand_int_range (0, (gint32)model->len);
      guint32  uid = g_array_index (model, Row, place).uid;
      gboolean next_is_there = place + 1 < model->len && g_array_index (model, Row, place + 1).uid == uid + 1;

      g_assert_cmpuint (((const Row *)ph_uid_rows_get (rows, place))->uid, ==, uid);
      g_assert_true (ph_uid_rows_find (rows, uid + 1, &position) == next_is_there);
      g_assert_cmpuint (position, ==, place + 1);
    }
  g_assert_false (ph_uid_rows_find (rows, 0, &position));
  g_assert_cmpuint (position, ==, 0);
}

/* As an array does, whatever comes and goes. */
static void
test_model (void)
{
  for (guint round = 0; round < 20; round++)
    {
      g_autoptr (PhUidRows) rows = ph_uid_rows_new (sizeof (Row));
      g_autoptr (GArray) model = g_array_new (FALSE, FALSE, sizeof (Row));

      check (rows, model);
      for (guint i = 0; i < 12; i++)
        {
          append (rows, model, (guint)g_test_rand_int_range (1, 1500), (guint32)g_test_rand_int_range (0, 4));
          append (rows, model, 1, 0);
          check (rows, model);
          remove_some (rows, model, (guint)g_test_rand_int_range (1, 1000));
          check (rows, model);
        }
    }
}

static void
test_ends (void)
{
  g_autoptr (PhUidRows) rows = ph_uid_rows_new (sizeof (Row));
  g_autoptr (GArray) model = g_array_new (FALSE, FALSE, sizeof (Row));
  guint32 all[2000];

  append (rows, model, G_N_ELEMENTS (all), 0);
  for (guint i = 0; i < G_N_ELEMENTS (all); i++)
    all[i] = i + 1;
  ph_uid_rows_remove (rows, all, 1);
  ph_uid_rows_remove (rows, all + G_N_ELEMENTS (all) - 1, 1);
  g_array_remove_index (model, 0);
  g_array_set_size (model, model->len - 1);
  check (rows, model);
  ph_uid_rows_remove (rows, all, G_N_ELEMENTS (all));
  g_array_set_size (model, 0);
  check (rows, model);
  append (rows, model, 3, 0);
  check (rows, model);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/store/uid-rows/model", test_model);
  g_test_add_func ("/store/uid-rows/ends", test_ends);

  return g_test_run ();
}
