/* Files made ahead of time: whose they are, how many, and a directory that has none. */

#include "ph-spare-files.h"

#include "../support/remove-tree.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#define WAIT_US (30 * G_USEC_PER_SEC)

/* One that the worker has made; -1 where none comes. */
static int
wait_for_file (PhSpareFiles *spares,
               gint64        patience)
{
  gint64 end = g_get_monotonic_time () + patience;
  int    fd = ph_spare_files_take (spares);

  while (fd < 0 && g_get_monotonic_time () < end)
    {
      g_main_context_iteration (NULL, FALSE);
      g_usleep (1000);
      fd = ph_spare_files_take (spares);
    }

  return fd;
}

static void
test_files (void)
{
  g_autofree char *path = g_dir_make_tmp ("posthouse-spares-XXXXXX", NULL);
  int              dir_fd = open (path, O_RDONLY | O_DIRECTORY);
  g_autoptr (GArray) files = g_array_new (FALSE, FALSE, sizeof (int));
  PhSpareFiles *spares = ph_spare_files_new (dir_fd);
  struct stat   directory, st;

  /* Never waits: the first has nothing yet. */
  g_assert_cmpint (ph_spare_files_take (spares), ==, -1);

  /* More than are kept, each once, each empty, in no directory, on that file system. */
  fstat (dir_fd, &directory);
  for (guint i = 0; i < 3 * PH_SPARE_FILES; i++)
    {
      int fd = wait_for_file (spares, WAIT_US);

      g_assert_cmpint (fd, >=, 0);
      g_assert_cmpint (fstat (fd, &st), ==, 0);
      g_assert_cmpint (st.st_size, ==, 0);
      g_assert_cmpint (st.st_nlink, ==, 0);
      g_assert_cmpint (st.st_mode & 07777, ==, 0600);
      g_assert_cmpuint (st.st_dev, ==, directory.st_dev);
      for (guint j = 0; j < files->len; j++)
        g_assert_cmpint (g_array_index (files, int, j), !=, fd);
      g_array_append_val (files, fd);
    }

  /* What nobody took is closed with it; what was taken stays open. */
  ph_spare_files_free (spares);
  for (guint i = 0; i < files->len; i++)
    g_assert_cmpint (close (g_array_index (files, int, i)), ==, 0);
  close (dir_fd);
  remove_tree (path);
}

/* Where none can be made, none is given, and nothing hangs. */
static void
test_none (void)
{
  int           dir_fd = open ("/proc", O_RDONLY | O_DIRECTORY);
  PhSpareFiles *spares = ph_spare_files_new (dir_fd);

  g_assert_cmpint (wait_for_file (spares, G_USEC_PER_SEC / 5), ==, -1);
  ph_spare_files_free (spares);
  close (dir_fd);
}

/* V39: of few descriptors half is left to others. */
static void
test_few_descriptors (void)
{
  g_autofree char *path = g_dir_make_tmp ("posthouse-spares-XXXXXX", NULL);
  int              dir_fd = open (path, O_RDONLY | O_DIRECTORY);
  PhSpareFiles    *spares = ph_spare_files_new (dir_fd);
  g_autoptr (GArray) files = g_array_new (FALSE, FALSE, sizeof (int));
  struct rlimit whole, few;
  int           fd;

  getrlimit (RLIMIT_NOFILE, &whole);
  few = whole;
  few.rlim_cur = 80;
  setrlimit (RLIMIT_NOFILE, &few);
  while ((fd = wait_for_file (spares, files->len == 0 ? WAIT_US : G_USEC_PER_SEC / 5)) >= 0)
    {
      g_assert_cmpint (fd, <, 40);
      g_array_append_val (files, fd);
    }
  g_assert_cmpuint (files->len, >, 0);
  setrlimit (RLIMIT_NOFILE, &whole);

  ph_spare_files_free (spares);
  for (guint i = 0; i < files->len; i++)
    close (g_array_index (files, int, i));
  close (dir_fd);
  remove_tree (path);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/store/spare files/made ahead", test_files);
  g_test_add_func ("/store/spare files/none", test_none);
  g_test_add_func ("/store/spare files/few descriptors", test_few_descriptors);

  return g_test_run ();
}
