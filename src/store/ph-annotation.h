#pragma once

#include "ph-account-store.h"

G_BEGIN_DECLS

/* RFC 5464 4.1: what a client may keep here, so that it does not become a way around the quota. */
#define PH_ANNOTATION_SIZE_MAX (64 * 1024)
#define PH_ANNOTATIONS_MAX 100                     /* of one folder, or of the account itself */
#define PH_ANNOTATIONS_BYTES_MAX (8 * 1024 * 1024) /* of all of them, with their names */

/**
 * PhAnnotation:
 *
 * A named value that a client keeps beside a folder, or beside the account as a whole (RFC 5464).
 * Kept in the index by the id of the folder: so it moves with RENAME and goes with DELETE.  Names
 * are the same in any case.
 */
typedef struct
{
  char   *entry; /* "/shared/comment" */
  GBytes *value; /* NULL: there is none */
} PhAnnotation;

PhAnnotation *ph_annotation_new (const char *entry,
                                 GBytes     *value);
void          ph_annotation_free (PhAnnotation *self);

/* All of a folder (`name` NULL: of the account), sorted: an array of PhAnnotation.  NOT_FOUND. */
void       ph_account_store_load_annotations_async (PhAccountStore     *self,
                                                    const char         *name,
                                                    GCancellable       *cancellable,
                                                    GAsyncReadyCallback callback,
                                                    gpointer            user_data);
GPtrArray *ph_account_store_load_annotations_finish (PhAccountStore *self,
                                                     GAsyncResult   *result,
                                                     GError        **error);

/* Sets and removes some, all or none.  NOT_FOUND; OVER_QUOTA where there would be too many.  The
 * size of each is up to the caller.  Ends with ph_account_store_finish(). */
void ph_account_store_set_annotations_async (PhAccountStore     *self,
                                             const char         *name,
                                             GPtrArray          *annotations, /* of PhAnnotation */
                                             GCancellable       *cancellable,
                                             GAsyncReadyCallback callback,
                                             gpointer            user_data);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PhAnnotation, ph_annotation_free)

G_END_DECLS
