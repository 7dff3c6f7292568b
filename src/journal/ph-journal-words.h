#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What is to be written down, already masked and cut: a line, or some that belong together. */
typedef struct
{
  const void *data;
  gsize       length;      /* bytes kept */
  gsize       full_length; /* before the cut */
  guint       n_lines;     /* before the cut; with a CR LF between each two */
} PhJournalWords;

G_END_DECLS
