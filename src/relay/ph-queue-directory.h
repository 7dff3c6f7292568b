#pragma once

#include "ph-queue-files.h"

#include <gio/gio.h>

G_BEGIN_DECLS

#define PH_TYPE_QUEUE_DIRECTORY (ph_queue_directory_get_type ())
G_DECLARE_FINAL_TYPE (PhQueueDirectory, ph_queue_directory, PH, QUEUE_DIRECTORY, GObject)

/**
 * PhQueueDirectory:
 *
 * PhQueueFiles without blocking: what reads runs on one thread, what writes on a few, and the
 * results come back to the main context.  The caller sees to it that no two things
 * run for one id.  Owned by the relay.
 */
PhQueueDirectory *ph_queue_directory_new (const char *relay_dir,
                                          const char *bad_dir);

/* A new message on disk.  Takes the entry; finish gives it back. */
void          ph_queue_directory_add_async (PhQueueDirectory   *self,
                                            PhSpool            *spool,
                                            PhQueueEntry       *entry,
                                            GAsyncReadyCallback callback,
                                            gpointer            user_data);
PhQueueEntry *ph_queue_directory_add_finish (PhQueueDirectory *self,
                                             GAsyncResult     *result,
                                             GError          **error);

/* The entry and the open message (either pointer may be NULL).  _INVALID, _GONE, _FAILED. */
void          ph_queue_directory_load_async (PhQueueDirectory   *self,
                                             PhQueueFolder       folder,
                                             const char         *id,
                                             gint64              now,
                                             GAsyncReadyCallback callback,
                                             gpointer            user_data);
PhQueueEntry *ph_queue_directory_load_finish (PhQueueDirectory *self,
                                              GAsyncResult     *result,
                                              PhQueueMessage  **message,
                                              char            **subject,
                                              GError          **error);

/* What to do with the files of a message. */
typedef enum {
  PH_QUEUE_SAVE,   /* its envelope has changed */
  PH_QUEUE_MOVE,   /* to the other folder, with its envelope */
  PH_QUEUE_REMOVE, /* it is over */
} PhQueueChange;

/* The entry is read at once and not kept; NULL for REMOVE.  `folder` is where it is now. */
void     ph_queue_directory_change_async (PhQueueDirectory   *self,
                                          PhQueueChange       change,
                                          PhQueueFolder       folder,
                                          const char         *id,
                                          const PhQueueEntry *entry,
                                          GAsyncReadyCallback callback,
                                          gpointer            user_data);
gboolean ph_queue_directory_change_finish (PhQueueDirectory *self,
                                           GAsyncResult     *result,
                                           GError          **error);

/* What is in a folder; or of `ids` (NULL-terminated) only.  `found` is called in the main
 * context with entries (GPtrArray of PhQueueEntry, taken over) as they are read, in the
 * order of their ids; then the callback.  *half: ids that may become messages yet, *troubles:
 * lines for the log, both GPtrArray of char*, transfer full. */
typedef void (*PhQueueFoundFunc) (GPtrArray *entries,
                                  gpointer   user_data);

void     ph_queue_directory_scan_async (PhQueueDirectory   *self,
                                        PhQueueFolder       folder,
                                        const char *const  *ids,
                                        gint64              now,
                                        PhQueueFoundFunc    found,
                                        GAsyncReadyCallback callback,
                                        gpointer            user_data);
gboolean ph_queue_directory_scan_finish (PhQueueDirectory *self,
                                         GAsyncResult     *result,
                                         GPtrArray       **half,
                                         GPtrArray       **troubles,
                                         GError          **error);

/* Runs a function of the caller's where messages are read. */
void ph_queue_directory_run (PhQueueDirectory *self,
                             GTask            *task,
                             GTaskThreadFunc   function);

/* The same where several run at once, and none may parse what could be poison. */
void ph_queue_directory_run_many (PhQueueDirectory *self,
                                  GTask            *task,
                                  GTaskThreadFunc   function);

const char *ph_queue_directory_get_path (PhQueueDirectory *self,
                                         PhQueueFolder     folder);

G_END_DECLS
