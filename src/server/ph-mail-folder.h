#pragma once

#include <glib-object.h>

G_BEGIN_DECLS

/* What a folder is for (RFC 6154). */
typedef enum {
  PH_MAIL_FOLDER_PLAIN,
  PH_MAIL_FOLDER_INBOX,
  PH_MAIL_FOLDER_ARCHIVE,
  PH_MAIL_FOLDER_DRAFTS,
  PH_MAIL_FOLDER_JUNK,
  PH_MAIL_FOLDER_SENT,
  PH_MAIL_FOLDER_TRASH,
} PhMailFolderKind;

#define PH_TYPE_MAIL_FOLDER (ph_mail_folder_get_type ())
G_DECLARE_FINAL_TYPE (PhMailFolder, ph_mail_folder, PH, MAIL_FOLDER, GObject)

/**
 * PhMailFolder:
 *
 * A folder of a PhMailAccount as a row shows it.  Properties, read-only, notified:
 *   n-messages, n-unread (uint).
 * The name is that of IMAP, with "/" between levels; the title is its last level, fit
 * to be shown.
 */
PhMailFolder *ph_mail_folder_new (const char      *name,
                                  PhMailFolderKind kind,
                                  gboolean         exists);

const char      *ph_mail_folder_get_name (PhMailFolder *self);
const char      *ph_mail_folder_get_title (PhMailFolder *self);
guint            ph_mail_folder_get_depth (PhMailFolder *self); /* 0 at the top */
PhMailFolderKind ph_mail_folder_get_kind (PhMailFolder *self);

/* FALSE: only a name with folders below it (\NonExistent). */
gboolean ph_mail_folder_get_exists (PhMailFolder *self);

guint ph_mail_folder_get_n_messages (PhMailFolder *self);
guint ph_mail_folder_get_n_unread (PhMailFolder *self);

/* For its account. */
void ph_mail_folder_set_counts (PhMailFolder *self,
                                guint         n_messages,
                                guint         n_unread);

G_END_DECLS
