#include "ph-store-error.h"

#include <errno.h>
#include <glib/gi18n-lib.h>

G_DEFINE_QUARK (ph_store_error, ph_store_error)

static const struct
{
  int          number;
  PhStoreError code;
} errnos[] = {
  { ENOSPC, PH_STORE_ERROR_NO_SPACE },
  { EDQUOT, PH_STORE_ERROR_NO_SPACE },
  { EFBIG, PH_STORE_ERROR_NO_SPACE }, /* RLIMIT_FSIZE */
  { EROFS, PH_STORE_ERROR_READ_ONLY },
  { ENOENT, PH_STORE_ERROR_NOT_FOUND },
  { EEXIST, PH_STORE_ERROR_EXISTS },
};

gboolean
ph_store_error_set_errno (GError    **error,
                          int         saved_errno,
                          const char *what)
{
  PhStoreError code = PH_STORE_ERROR_FAILED;

  for (guint i = 0; i < G_N_ELEMENTS (errnos); i++)
    if (errnos[i].number == saved_errno)
      code = errnos[i].code;

  /* Translators: what went wrong, and why */
  g_set_error (error, PH_STORE_ERROR, (gint)code, _ ("%s: %s"), _ (what), g_strerror (saved_errno));

  return FALSE;
}
