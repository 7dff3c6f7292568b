#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define PH_STORE_ERROR (ph_store_error_quark ())
GQuark ph_store_error_quark (void);

typedef enum {
  PH_STORE_ERROR_FAILED,      /* a file or the index failed */
  PH_STORE_ERROR_NOT_FOUND,   /* no such folder or message */
  PH_STORE_ERROR_EXISTS,      /* there is one of that name */
  PH_STORE_ERROR_INVALID,     /* a name or argument that can't be */
  PH_STORE_ERROR_NOT_ALLOWED, /* never for this folder: deleting INBOX */
  PH_STORE_ERROR_NO_SPACE,    /* disk full, out of inodes, or over a quota of the system */
  PH_STORE_ERROR_OVER_QUOTA,  /* over the account's quota */
  PH_STORE_ERROR_READ_ONLY,   /* after an I/O error, until checked */
  PH_STORE_ERROR_LOCKED,      /* another server has the data */
  PH_STORE_ERROR_DAMAGED,     /* the index is damaged, or of another version */
} PhStoreError;

/* Sets the error that `saved_errno` means, "WHAT: reason"; `what` is a sentence marked with N_().  Returns FALSE. */
gboolean ph_store_error_set_errno (GError    **error,
                                   int         saved_errno,
                                   const char *what);

G_END_DECLS
