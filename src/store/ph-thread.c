#include "ph-thread.h"

#include <string.h>

#include "ph-object-id.h"

/* Appends the hash of each "<…>" in a value. */
static void
add_ids (PhThreadIds *ids,
         const char  *value)
{
  const char *start = strchr (value, '<');

  while (start != NULL)
    {
      const char *end = start + strcspn (start, "> \t");
      gint64      id = ph_object_id_hash (start + 1, (gsize)(end - start - 1));

      if (*end == '>' && end > start + 1)
        {
          /* The first stays, of the rest the last ones. */
          if (ids->n_references == PH_THREAD_REFERENCES_MAX)
            {
              memmove (ids->references + 1, ids->references + 2, (PH_THREAD_REFERENCES_MAX - 2) * sizeof ids->references[0]);
              ids->n_references--;
            }
          ids->references[ids->n_references++] = id;
        }
      start = *end != '\0' ? strchr (end, '<') : NULL;
    }
}

void
ph_thread_ids_read (const PhHeader *header,
                    PhThreadIds    *ids)
{
  g_autofree char *own = ph_header_dup_value (header, "Message-ID");
  g_autofree char *references = ph_header_dup_value (header, "References");
  g_autofree char *in_reply_to = ph_header_dup_value (header, "In-Reply-To");

  *ids = (PhThreadIds){ 0 };
  if (own != NULL)
    add_ids (ids, own);
  ids->message_id = ids->n_references > 0 ? ids->references[0] : 0;

  ids->n_references = 0;
  if (references != NULL)
    add_ids (ids, references);
  if (ids->n_references == 0 && in_reply_to != NULL)
    add_ids (ids, in_reply_to);
}

gboolean
ph_thread_find (PhIndex           *index,
                const PhThreadIds *ids,
                gint64             object,
                gint64            *thread,
                GError           **error)
{
  /* The nearest first; then another copy of this very message (from a list, or sent to
   * oneself). */
  for (guint i = ids->n_references + 1; i > 0; i--)
    {
      gint64 id = i > 1 ? ids->references[i - 2] : ids->message_id;

      if (id == 0)
        continue;
      if (!ph_index_get_number (index, thread, 0, error, "SELECT m.thread FROM summaries s JOIN messages m ON m.object = s.object WHERE s.message_id = ? AND m.thread != 0 LIMIT 1", "i", id))
        return FALSE;
      if (*thread != 0)
        return TRUE;
    }

  *thread = ids->n_references > 0 ? ids->references[0] : ids->message_id;
  if (*thread == 0)
    *thread = object;

  return TRUE;
}
