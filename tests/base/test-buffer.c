#include "ph-buffer.h"

#include <string.h>

static void
test_fifo (void)
{
  g_auto (PhBuffer) buffer = { 0 };

  for (guint i = 0; i < 10000; i++)
    {
      ph_buffer_append_printf (&buffer, "%05u", i);
      if (i % 3 == 2)
        ph_buffer_consume (&buffer, 10);
    }

  g_assert_cmpuint (ph_buffer_get_length (&buffer), ==, 50000 - 3333 * 10);
  g_assert_cmpmem (ph_buffer_get_data (&buffer), 5, "06666", 5);
  ph_buffer_consume (&buffer, G_MAXSIZE);
  g_assert_cmpuint (ph_buffer_get_length (&buffer), ==, 0);
}

static void
test_reserve (void)
{
  g_auto (PhBuffer) buffer = { 0 };

  g_assert_nonnull (ph_buffer_reserve (&buffer, 0));
  memcpy (ph_buffer_reserve (&buffer, 5000), "abc", 3);
  ph_buffer_commit (&buffer, 3);
  g_assert_cmpmem (ph_buffer_get_data (&buffer), ph_buffer_get_length (&buffer), "abc", 3);
}

static void
test_wipe (void)
{
  g_auto (PhBuffer) buffer = { 0 };

  ph_buffer_append_string (&buffer, "secret");
  ph_buffer_consume (&buffer, 6);
  ph_buffer_wipe (&buffer);
  for (gsize i = 0; i < buffer.allocated; i++)
    g_assert_cmpuint (buffer.data[i], ==, 0);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/base/buffer/fifo", test_fifo);
  g_test_add_func ("/base/buffer/reserve", test_reserve);
  g_test_add_func ("/base/buffer/wipe", test_wipe);

  return g_test_run ();
}
