#include "ph-tls-file.h"

#include <errno.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <string.h>

static gboolean
fail (GError    **error,
      const char *file,
      const char *why)
{
  g_set_error (error, PH_NET_ERROR, PH_NET_ERROR_CERTIFICATE, "%s: %s", file, why);

  return FALSE;
}

gboolean
ph_tls_file_load (const char     *file,
                  gnutls_datum_t *datum,
                  GError        **error)
{
  char    *contents;
  gsize    length;
  GStatBuf info;
  g_autoptr (GError) failure = NULL;

  if (g_stat (file, &info) != 0)
    return fail (error, file, g_strerror (errno));
  if (!S_ISREG (info.st_mode) || info.st_size > PH_TLS_FILE_MAX)
    return fail (error, file, _ ("too large for a certificate or key, or not a file"));
  if (!g_file_get_contents (file, &contents, &length, &failure))
    return fail (error, file, failure->message);

  datum->data = (guint8 *)contents;
  datum->size = (unsigned int)length;

  return TRUE;
}

void
ph_tls_file_clear (gnutls_datum_t *datum)
{
  if (datum->data != NULL)
    explicit_bzero (datum->data, datum->size);
  g_free (datum->data);
  *datum = (gnutls_datum_t){ 0 };
}

gboolean
ph_tls_file_save (const char           *file,
                  const gnutls_datum_t *datum,
                  int                   mode,
                  GError              **error)
{
  g_autoptr (GError) failure = NULL;

  if (g_file_set_contents_full (file, (const char *)datum->data, datum->size,
                                G_FILE_SET_CONTENTS_CONSISTENT | G_FILE_SET_CONTENTS_DURABLE, mode, &failure))
    return TRUE;

  g_set_error_literal (error, PH_NET_ERROR, PH_NET_ERROR_CERTIFICATE, failure->message);

  return FALSE;
}

gboolean
ph_tls_file_check_private (const char *file,
                           GError    **error)
{
  GStatBuf info;

  if (g_stat (file, &info) != 0)
    return fail (error, file, g_strerror (errno));
  if (info.st_mode & (S_IROTH | S_IWOTH))
    return fail (error, file, _ ("others can read this private key; take that right away with chmod 600"));

  return TRUE;
}
