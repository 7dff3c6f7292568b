#pragma once

#include "ph-export.h"

G_BEGIN_DECLS

/* What a writer is told of a message. */
typedef struct
{
  int         fd; /* its file, as it is stored */
  guint32     uid;
  gint64      date;
  PhFlags     flags;
  guint64     keyword_bits;
  const char *base;     /* of its file's name */
  char      **keywords; /* those it has */
} PhExportMessage;

/**
 * PhExportWriter:
 *
 * Writes the messages of one folder after another in one format below a directory.  Blocks:
 * on a worker.  Owned by the export.
 */
typedef struct _PhExportWriter PhExportWriter;

/* Makes `path` where it is not there. */
PhExportWriter *ph_export_writer_new (PhExportFormat format,
                                      const char    *path,
                                      gboolean       is_single, /* one folder: `path` is it */
                                      GError       **error);

/* What is not complete goes away. */
void ph_export_writer_free (PhExportWriter *self);

gboolean ph_export_writer_begin_folder (PhExportWriter    *self,
                                        const char        *name,
                                        const char *const *keywords,
                                        GError           **error);
gboolean ph_export_writer_add (PhExportWriter        *self,
                               const PhExportMessage *message,
                               GError               **error);
gboolean ph_export_writer_end_folder (PhExportWriter *self,
                                      GError        **error);

/* All is there: syncs. */
gboolean ph_export_writer_finish (PhExportWriter *self,
                                  GError        **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PhExportWriter, ph_export_writer_free)

G_END_DECLS
