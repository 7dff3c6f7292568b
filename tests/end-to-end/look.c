/* look.c: reads names of data folders, one a line, and says of each what mail is in it, as lines of fields
 * parted by tabs: mail ACCOUNT FOLDER UIDVALIDITY UID FLAGS SUBJECT SHA-256, the hash of what begins with the
 * Message-ID; then "unqueued SHA-256" for what was accepted and has still to be queued, and "end".  It opens the
 * store as the server does, with all that it mends then; where that can't be, it ends. */

#include "store-fixture.h"

static char *
hash_message (const char *text)
{
  const char *id = strstr (text, "Message-ID: <");

  return g_compute_checksum_for_string (G_CHECKSUM_SHA256, id != NULL ? id : text, -1);
}

static void
look_at_folder (Fixture    *fixture,
                const char *name)
{
  g_autoptr (PhMailbox) mailbox = open_mailbox (fixture, name);

  for (guint i = 0; i < ph_mailbox_get_n_messages (mailbox); i++)
    {
      const PhMessageInfo *info = ph_mailbox_get_info (mailbox, i);
      guint32              uid = info->uid;
      guint                flags = info->flags;
      g_autofree char     *text = read_message (mailbox, uid);
      const char          *subject = text != NULL ? strstr (text, "Subject: ") : NULL;
      g_autofree char     *hash = NULL;

      if (subject == NULL)
        g_error ("a message without a subject");
      hash = hash_message (text);
      printf ("mail\t%s\t%s\t%u\t%u\t%u\t%.*s\t%s\n", ph_account_store_get_address (fixture->account), name, ph_mailbox_get_uidvalidity (mailbox), uid, flags,
              (int)strcspn (subject + 9, "\r\n"), subject + 9, hash);
    }
}

static void
look_at_account (Fixture    *fixture,
                 const char *address)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  GPtrArray *folders;

  fixture->account = open_account (fixture, address);
  folders = ph_account_store_get_folders (fixture->account);
  for (guint i = 0; i < folders->len; i++)
    {
      const PhFolder *folder = g_ptr_array_index (folders, i);

      if (folder->exists)
        g_ptr_array_add (names, g_strdup (folder->name));
    }
  for (guint i = 0; i < names->len; i++)
    look_at_folder (fixture, g_ptr_array_index (names, i));
  g_clear_object (&fixture->account);
}

static void
look_at_unqueued (Fixture *fixture)
{
  g_autoptr (GPtrArray) unqueued = ph_store_take_unqueued (fixture->store);

  for (guint i = 0; i < unqueued->len; i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (PhSpool) spool = ph_store_open_accepted (fixture->store, g_ptr_array_index (unqueued, i), &error);
      guint64          size = spool != NULL ? ph_spool_get_size (spool) : 0;
      g_autofree char *text = g_malloc0 (size + 1);
      g_autofree char *hash = NULL;

      if (spool == NULL || pread (ph_spool_get_fd (spool), text, size, 0) != (ssize_t)size)
        g_error ("what was accepted can't be read");
      hash = hash_message (text);
      printf ("unqueued\t%s\n", hash);
    }
}

static void
look (Fixture *fixture)
{
  g_autofree char *path = g_build_filename (fixture->dir, "mail", "demo.test", NULL);
  g_autoptr (GDir) dir = NULL;
  const char *name;

  claim_store (fixture);
  dir = g_dir_open (path, 0, NULL);
  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *address = g_strdup_printf ("%s@demo.test", name);

      look_at_account (fixture, address);
    }
  look_at_unqueued (fixture);
  close_whole (fixture);
}

int
main (int   argc,
      char *argv[])
{
  g_autoptr (PhClock) clock = ph_clock_new_manual (G_GINT64_CONSTANT (2000000000) * G_USEC_PER_SEC);
  char line[4096];

  while (fgets (line, sizeof line, stdin) != NULL)
    {
      Fixture fixture = { .dir = g_strchomp (line), .clock = clock };

      look (&fixture);
      puts ("end");
      fflush (stdout);
    }

  return 0;
}
