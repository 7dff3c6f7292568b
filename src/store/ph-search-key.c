#include "ph-search.h"

PhSearchKey *
ph_search_key_new (PhSearchOp op)
{
  PhSearchKey *key = g_new0 (PhSearchKey, 1);

  key->op = op;
  if (op == PH_SEARCH_AND || op == PH_SEARCH_OR || op == PH_SEARCH_NOT)
    key->children = g_ptr_array_new_with_free_func ((GDestroyNotify)ph_search_key_free);
  if (op == PH_SEARCH_UIDS)
    key->uids = g_array_new (FALSE, FALSE, sizeof (guint32));

  return key;
}

static gpointer
copy_child (gconstpointer child,
            gpointer      data)
{
  return ph_search_key_copy (child);
}

PhSearchKey *
ph_search_key_copy (const PhSearchKey *key)
{
  PhSearchKey *copy = g_new0 (PhSearchKey, 1);

  *copy = *key;
  copy->name = g_strdup (key->name);
  copy->text = g_strdup (key->text);
  if (key->uids != NULL)
    copy->uids = g_array_copy (key->uids);
  if (key->children != NULL)
    copy->children = g_ptr_array_copy (key->children, copy_child, NULL);

  return copy;
}

/* At most 50 deep: whoever makes keys sees to that (V06). */
void
ph_search_key_free (PhSearchKey *key)
{
  g_free (key->name);
  g_free (key->text);
  g_clear_pointer (&key->uids, g_array_unref);
  g_clear_pointer (&key->children, g_ptr_array_unref);
  g_free (key);
}

gboolean
ph_search_key_finds_all (const PhSearchKey *key)
{
  if (key->op == PH_SEARCH_AND && key->children->len == 1)
    key = key->children->pdata[0];

  return key->op == PH_SEARCH_ALL;
}

gboolean
ph_search_key_has_uid (const PhSearchKey *key,
                       guint32            uid)
{
  const guint32 *ends = (const guint32 *)(gpointer)key->uids->data;
  guint          low = 0, high = key->uids->len / 2;

  while (low < high)
    {
      guint middle = (low + high) / 2;

      if (uid < ends[2 * middle])
        high = middle;
      else if (uid > ends[2 * middle + 1])
        low = middle + 1;
      else
        return TRUE;
    }

  return FALSE;
}
