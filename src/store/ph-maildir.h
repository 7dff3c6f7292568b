#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Where a message's file may be.  `TMP` only between the commit of a copy and the
 * rename that follows it. */
typedef enum {
  PH_MAILDIR_CUR,
  PH_MAILDIR_NEW,
  PH_MAILDIR_TMP,
} PhMaildirSub;

/**
 * PhMaildir:
 *
 * The directory of one account, a Maildir++: makes, lists, links, renames and
 * removes, always relative to an open descriptor and without following links (V17).
 * Folders are named by their directory ("." or ".Work.2024").  Owned by the queue
 * of its account and used by its worker; only ph_maildir_open_message() and
 * ph_maildir_open_sub() may be called from other threads.
 *
 * Directories in which names were made are remembered until ph_maildir_sync(), so
 * that a batch of deliveries shares one fsync.
 */
typedef struct _PhMaildir PhMaildir;

/* Opens mail_fd/DOMAIN/LOCALPART (encoded); with `create` makes it. */
PhMaildir *ph_maildir_open (int         mail_fd,
                            const char *domain,
                            const char *local_part,
                            gboolean    create,
                            GError    **error);
void       ph_maildir_free (PhMaildir *self);

int ph_maildir_get_fd (PhMaildir *self);

/* The names of the directories that are folders, "." not among them. */
GPtrArray *ph_maildir_list_folders (PhMaildir *self,
                                    GError   **error);

gboolean ph_maildir_has_folder (PhMaildir  *self,
                                const char *folder);

/* Makes cur, new and tmp (and the directory); what is there is left alone.  Synced. */
gboolean ph_maildir_make_folder (PhMaildir  *self,
                                 const char *folder,
                                 GError    **error);
gboolean ph_maildir_rename_folder (PhMaildir  *self,
                                   const char *from,
                                   const char *to,
                                   GError    **error);

/* With all that is in it; TRUE where there is none. */
gboolean ph_maildir_remove_folder (PhMaildir  *self,
                                   const char *folder,
                                   GError    **error);

/* An open directory, for the caller to close; -1 and an error. */
int ph_maildir_open_sub (PhMaildir   *self,
                         const char  *folder,
                         PhMaildirSub sub,
                         GError     **error);

/* The same, kept open and borrowed until ph_maildir_release(); with
 * `written` it will be synced. */
int ph_maildir_get_sub (PhMaildir   *self,
                        const char  *folder,
                        PhMaildirSub sub,
                        gboolean     written,
                        GError     **error);

/* Syncs the directories in which names were made. */
gboolean ph_maildir_sync (PhMaildir *self,
                          GError   **error);

/* Lets all directories go that were kept open. */
void ph_maildir_release (PhMaildir *self);

/* Appends the names in an open directory (borrowed) that can be messages. */
gboolean ph_maildir_list (int        dir_fd,
                          GPtrArray *names,
                          GError   **error);

/* Finds the full name of BASE (any letters) in an open directory; NULL if none. */
char *ph_maildir_find (int         dir_fd,
                       const char *base);

/* Opens the file of a message for reading, wherever it is just now: first as the
 * caller thinks it is called.  -1 and NOT_FOUND. */
int ph_maildir_open_message (PhMaildir   *self,
                             const char  *folder,
                             PhMaildirSub sub,
                             const char  *base,
                             const char  *letters,
                             GError     **error);

/* BASE or BASE:2,LETTERS (in new/ there are no letters). */
char *ph_maildir_build_name (PhMaildirSub sub,
                             const char  *base,
                             const char  *letters);

/* Opens a file in a folder's directory with `flags` of open(); -1. */
int ph_maildir_open_in_folder (PhMaildir  *self,
                               const char *folder,
                               const char *name,
                               int         flags);

/* Atomically replaces one, synced. */
gboolean ph_maildir_replace_in_folder (PhMaildir  *self,
                                       const char *folder,
                                       const char *name,
                                       const char *text,
                                       gsize       length,
                                       GError    **error);

/* The same beside the folders. */
gboolean ph_maildir_write_file (PhMaildir  *self,
                                const char *name,
                                const char *text,
                                GError    **error);

/* At most 1 MiB; NULL where it is not there. */
char *ph_maildir_read_file (PhMaildir  *self,
                            const char *name);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PhMaildir, ph_maildir_free)

G_END_DECLS
