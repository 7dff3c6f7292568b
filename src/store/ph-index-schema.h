#pragma once

#include "ph-index.h"

G_BEGIN_DECLS

/* The tables of an index, and the steps that bring an older one up to date.  Each step is
 * one transaction; a crash leaves the version before or after it. */

#define PH_INDEX_SCHEMA_VERSION 9

gboolean ph_index_schema_create (PhIndex *index,
                                 GError **error);

/* Nothing is done where `version` is the current one. */
gboolean ph_index_schema_upgrade (PhIndex *index,
                                  gint64   version,
                                  GError **error);

G_END_DECLS
