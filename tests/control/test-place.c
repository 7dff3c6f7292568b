/* Where the data folder is, and how it is moved. */

#include "../support/remove-tree.h"
#include "ph-place.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

typedef struct
{
  char       *directory;
  PhSettings *settings;
} Fixture;

static void
set_up (Fixture      *fixture,
        gconstpointer data)
{
  g_autofree char *path = NULL;

  fixture->directory = g_dir_make_tmp ("ph-place-XXXXXX", NULL);
  path = g_build_filename (fixture->directory, "posthouse.ini", NULL);
  fixture->settings = ph_settings_new (path, NULL);
}

static void
tear_down (Fixture      *fixture,
           gconstpointer data)
{
  g_assert_true (ph_settings_flush (fixture->settings, NULL));
  g_clear_object (&fixture->settings);
  remove_tree (fixture->directory);
  g_free (fixture->directory);
}

static char *
in (Fixture    *fixture,
    const char *name)
{
  return g_build_filename (fixture->directory, name, NULL);
}

/* As a store leaves it. */
static void
make_store (Fixture    *fixture,
            const char *name)
{
  g_autofree char *path = in (fixture, name);
  g_autofree char *lock = g_build_filename (path, "lock", NULL);

  g_assert_cmpint (g_mkdir_with_parents (path, 0700), ==, 0);
  g_assert_true (g_file_set_contents (lock, name, -1, NULL));
}

static void
assert_store (Fixture    *fixture,
              const char *name,
              const char *from)
{
  g_autofree char *path = in (fixture, name);
  g_autofree char *lock = g_build_filename (path, "lock", NULL);
  g_autofree char *text = NULL;

  g_file_get_contents (lock, &text, NULL, NULL);
  g_assert_cmpstr (text, ==, from);
}

static void
assert_place (Fixture    *fixture,
              const char *name)
{
  g_autofree char *expected = in (fixture, name);
  g_autofree char *place = ph_place_choose_data_dir (fixture->settings, NULL);

  g_assert_cmpstr (place, ==, expected);
}

static void
wish (Fixture    *fixture,
      const char *from,
      const char *to)
{
  g_autofree char *was = in (fixture, from);
  g_autofree char *wanted = in (fixture, to);

  g_object_set (fixture->settings, "data-folder-was", was, "data-folder", wanted, NULL);
}

static void
test_moved (Fixture      *fixture,
            gconstpointer data)
{
  g_autofree char *old = in (fixture, "old");
  g_autofree char *new = in (fixture, "far/away/new");

  make_store (fixture, "old");
  wish (fixture, "old", "far/away/new");
  assert_place (fixture, "old"); /* for commands that come before the next start */
  g_assert_true (ph_place_follow (fixture->settings, old, NULL));
  assert_store (fixture, "old", "old"); /* the command line has said where it is */

  for (guint i = 0; i < 2; i++)
    {
      g_assert_true (ph_place_follow (fixture->settings, NULL, NULL));
      assert_place (fixture, "far/away/new");
      assert_store (fixture, "far/away/new", "old");
      g_assert_false (g_file_test (old, G_FILE_TEST_EXISTS));
    }

  /* A power cut took the rename back. */
  g_assert_cmpint (g_rename (new, old), ==, 0);
  assert_place (fixture, "old");
  g_assert_true (ph_place_follow (fixture->settings, NULL, NULL));
  assert_store (fixture, "far/away/new", "old");

  /* And back again. */
  wish (fixture, "far/away/new", "old");
  g_assert_true (ph_place_follow (fixture->settings, NULL, NULL));
  assert_store (fixture, "old", "old");
}

/* Whatever stands in the way stays as it is, and so does the mail. */
static void
test_kept (Fixture      *fixture,
           gconstpointer data)
{
  static const struct
  {
    const char *target;
    gboolean    is_used;
    int         code;
  } rows[] = {
    { "full", FALSE, G_IO_ERROR_NOT_EMPTY },
    { "file", FALSE, G_IO_ERROR_NOT_DIRECTORY },
    { "old/mail", FALSE, G_IO_ERROR_INVALID_ARGUMENT },
    { "new", TRUE, G_IO_ERROR_BUSY },
  };
  g_autofree char *file = in (fixture, "file");
  g_autofree char *full = in (fixture, "full/x");
  g_autofree char *lock = in (fixture, "old/lock");

  make_store (fixture, "old");
  g_assert_cmpint (g_mkdir_with_parents (full, 0700), ==, 0);
  g_assert_true (g_file_set_contents (file, "x", -1, NULL));
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (GError) error = NULL;
      int fd = g_open (lock, O_RDWR | O_CLOEXEC, 0);

      if (rows[i].is_used)
        g_assert_cmpint (flock (fd, LOCK_EX | LOCK_NB), ==, 0);
      wish (fixture, "old", rows[i].target);
      g_assert_false (ph_place_follow (fixture->settings, NULL, &error));
      g_assert_cmpint (error->domain == G_IO_ERROR ? error->code : -1, ==, rows[i].code);
      g_assert_nonnull (strstr (error->message, rows[i].target));
      assert_store (fixture, "old", "old");
      assert_place (fixture, "old");
      g_assert_cmpstr (ph_settings_get_string (fixture->settings, "data-folder-was"), ==, "");
      close (fd);
    }
}

/* What may be chosen: nothing that is in it, or where something is. */
static void
test_target (Fixture      *fixture,
             gconstpointer data)
{
  static const struct
  {
    const char *folder, *target; /* NULL: an error */
  } rows[] = {
    { "empty", "empty" },
    { "full", "full/posthouse" },
    { "taken", NULL },
    { "old", NULL },
    { "old/inner", NULL },
    { "missing", NULL },
    { "older", "older" },
  };
  static const char *const folders[] = { "empty", "full/x", "taken/posthouse/x", "old/inner", "older" };
  g_autofree char         *old = in (fixture, "old");

  for (guint i = 0; i < G_N_ELEMENTS (folders); i++)
    {
      g_autofree char *path = in (fixture, folders[i]);

      g_assert_cmpint (g_mkdir_with_parents (path, 0700), ==, 0);
    }
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autofree char *folder = in (fixture, rows[i].folder);
      g_autofree char *expected = rows[i].target != NULL ? in (fixture, rows[i].target) : NULL;
      g_autofree char *target = ph_place_find_target (old, folder, &error);

      g_assert_cmpstr (target, ==, expected);
      g_assert_true ((error != NULL) == (target == NULL));
    }
}

/* A rename does not reach there. */
static void
test_other_disk (Fixture      *fixture,
                 gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *other = g_strdup ("/dev/shm/ph-place-XXXXXX");
  g_autofree char *old = in (fixture, "old");
  g_autofree char *target = NULL;
  struct stat      here, there;

  make_store (fixture, "old");
  if (g_mkdtemp (other) == NULL || g_stat (other, &there) < 0 || g_stat (old, &here) < 0 || here.st_dev == there.st_dev)
    {
      g_test_skip ("There is no other disk");
      return;
    }

  target = ph_place_find_target (old, other, &error);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED);
  g_clear_error (&error);
  g_object_set (fixture->settings, "data-folder-was", old, "data-folder", other, NULL);
  g_assert_false (ph_place_follow (fixture->settings, NULL, &error));
  assert_store (fixture, "old", "old");
  assert_place (fixture, "old");
  remove_tree (other);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

#define ADD(name, function) g_test_add ("/control/place/" name, Fixture, NULL, set_up, function, tear_down)
  ADD ("moved", test_moved);
  ADD ("kept", test_kept);
  ADD ("target", test_target);
  ADD ("other-disk", test_other_disk);

  return g_test_run ();
}
