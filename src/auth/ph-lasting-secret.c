#include "ph-lasting-secret.h"

#include <glib/gstdio.h>
#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <string.h>

gboolean
ph_lasting_secret_load (const char *file,
                        guint8     *secret,
                        gsize       length,
                        GError    **error)
{
  g_autofree char *directory = g_path_get_dirname (file);
  g_autofree char *text = NULL;
  gsize            n;
  gboolean         is_there = g_file_get_contents (file, &text, &n, NULL) && n == length;

  if (is_there)
    {
      memcpy (secret, text, length);
      explicit_bzero (text, length);
      return TRUE;
    }
  if (gnutls_rnd (GNUTLS_RND_RANDOM, secret, length) < 0)
    g_error ("No random numbers");

  g_unlink (file);                        /* with whatever mode it has */
  g_mkdir_with_parents (directory, 0700); /* if it fails, so does the next */

  return g_file_set_contents_full (file, (const char *)secret, (gssize)length, G_FILE_SET_CONTENTS_NONE, 0600, error);
}
