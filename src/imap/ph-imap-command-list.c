#include "ph-imap-session-private.h"

#include "ph-imap-list-options.h"
#include "ph-imap-special-use.h"
#include "ph-imap-status-queue.h"

#include <string.h>

/* A name to list: a folder, or only the parent of some. */
typedef struct
{
  const PhFolder *folder;         /* borrowed; NULL for a parent without an entry */
  gboolean        has_children;   /* that exist */
  gboolean        has_subscribed; /* below it */
  gboolean        has_selected;   /* below it, by the selection options (RFC 5258 3.5) */
  gboolean        has_hidden;     /* the same, but out of the patterns' reach */
} Node;

static int
compare_names (gconstpointer a,
               gconstpointer b,
               gpointer      user_data)
{
  gboolean a_is_inbox = strcmp (a, "INBOX") == 0;
  gboolean b_is_inbox = strcmp (b, "INBOX") == 0;

  if (a_is_inbox || b_is_inbox)
    return b_is_inbox - a_is_inbox;

  return strcmp (a, b);
}

static Node *
ensure_node (GTree      *nodes,
             const char *name,
             gsize       length)
{
  g_autofree char *key = g_strndup (name, length);
  Node            *node = g_tree_lookup (nodes, key);

  if (node == NULL)
    {
      node = g_new0 (Node, 1);
      g_tree_insert (nodes, g_steal_pointer (&key), node);
    }

  return node;
}

/* Each folder once, and each name above one (I28). */
static GTree *
collect_nodes (GPtrArray *folders)
{
  GTree *nodes = g_tree_new_full (compare_names, NULL, g_free, g_free);

  for (guint i = 0; i < folders->len; i++)
    {
      const PhFolder *folder = g_ptr_array_index (folders, i);

      ensure_node (nodes, folder->name, strlen (folder->name))->folder = folder;
      if (!folder->exists && !folder->subscribed)
        continue;

      for (const char *c = strchr (folder->name, PH_FOLDER_DELIMITER); c != NULL; c = strchr (c + 1, PH_FOLDER_DELIMITER))
        {
          Node *parent = ensure_node (nodes, folder->name, (gsize)(c - folder->name));

          parent->has_children |= folder->exists;
          parent->has_subscribed |= folder->subscribed;
        }
    }

  return nodes;
}

static void
add_word (GString    *words,
          const char *word)
{
  if (words->len > 0)
    g_string_append_c (words, ' ');
  g_string_append (words, word);
}

static void
tell_name (PhImapSession *self,
           const char    *response,
           const char    *attributes,
           const char    *name,
           const char    *extra)
{
  g_autofree char *quoted = ph_imap_format_mailbox (name, ph_imap_session_has_utf8 (self));

  ph_imap_session_untagged (self, "%s (%s) \"%c\" %s%s", response, attributes, PH_FOLDER_DELIMITER, quoted, extra);
}

/* RFC 5258 3.1: by the selection options alone. */
static gboolean
is_selected (const Node      *node,
             PhImapListSelect select)
{
  gboolean exists = node->folder != NULL && node->folder->exists;
  gboolean subscribed = node->folder != NULL && node->folder->subscribed;
  gboolean special = exists && node->folder->special_use != PH_SPECIAL_NONE;

  if ((select & (PH_IMAP_LIST_SUBSCRIBED | PH_IMAP_LIST_SPECIAL)) == 0)
    return exists || node->has_children;

  return ((select & PH_IMAP_LIST_SUBSCRIBED) == 0 || subscribed) && ((select & PH_IMAP_LIST_SPECIAL) == 0 || special);
}

static void
tell_folder (PhImapSession           *self,
             const PhImapListOptions *options,
             const char              *name,
             const Node              *node)
{
  g_autoptr (GString) attributes = g_string_new (NULL);
  gboolean    exists = node->folder != NULL && node->folder->exists;
  gboolean    subscribed = node->folder != NULL && node->folder->subscribed;
  const char *use = exists ? ph_imap_special_use_get_name (node->folder->special_use) : NULL;
  const char *extra = "";

  /* RFC 5258 3.4: who asked in the old way knows only the old word. */
  if (!exists)
    add_word (attributes, options->extended ? "\\NonExistent" : "\\Noselect \\NonExistent");
  add_word (attributes, node->has_children ? "\\HasChildren" : "\\HasNoChildren");
  if (subscribed && (options->return_subscribed || (options->select & PH_IMAP_LIST_SUBSCRIBED) != 0))
    add_word (attributes, "\\Subscribed");
  if (use != NULL)
    {
      add_word (attributes, "\\");
      g_string_append (attributes, use);
    }

  if ((options->select & PH_IMAP_LIST_RECURSIVE) == 0 || !node->has_selected)
    extra = "";
  else if ((options->select & PH_IMAP_LIST_SUBSCRIBED) == 0)
    extra = " (\"CHILDINFO\" (\"SPECIAL-USE\"))";
  else if ((options->select & PH_IMAP_LIST_SPECIAL) == 0)
    extra = " (\"CHILDINFO\" (\"SUBSCRIBED\"))";
  else
    extra = " (\"CHILDINFO\" (\"SUBSCRIBED\" \"SPECIAL-USE\"))";

  tell_name (self, "LIST", attributes->str, name, extra);
}

typedef struct
{
  PhImapSession           *self;
  const PhImapListOptions *options;
  GTree                   *nodes;
  PhImapStatusQueue       *queue; /* of those that can be asked for their status */
} Walk;

/* Tells the nodes above a selected one of it. */
static gboolean
mark_parents (gpointer key,
              gpointer value,
              gpointer user_data)
{
  const char *name = key;
  const Walk *walk = user_data;
  gboolean    hidden;

  if (!is_selected (value, walk->options->select))
    return FALSE;

  hidden = !ph_imap_list_options_match (walk->options, name);
  for (const char *c = strchr (name, PH_FOLDER_DELIMITER); c != NULL; c = strchr (c + 1, PH_FOLDER_DELIMITER))
    {
      g_autofree char *parent = g_strndup (name, (gsize)(c - name));
      Node            *node = g_tree_lookup (walk->nodes, parent);

      if (node == NULL)
        continue;
      node->has_selected = TRUE;
      node->has_hidden |= hidden;
    }

  return FALSE;
}

static gboolean
list_node (gpointer key,
           gpointer value,
           gpointer user_data)
{
  const char *name = key;
  const Node *node = value;
  Walk       *walk = user_data;
  gboolean    recursive = (walk->options->select & PH_IMAP_LIST_RECURSIVE) != 0;

  /* A parent is told for its children only where no pattern reaches them. */
  if (!is_selected (node, walk->options->select) && !(recursive && node->has_hidden))
    return FALSE;
  if (!ph_imap_list_options_match (walk->options, name))
    return FALSE;

  tell_folder (walk->self, walk->options, name, node);
  if (node->folder != NULL && node->folder->exists)
    ph_imap_status_queue_add (walk->queue, name, walk->options->status_items);

  return FALSE;
}

static gboolean
lsub_node (gpointer key,
           gpointer value,
           gpointer user_data)
{
  const char *name = key;
  const Node *node = value;
  Walk       *walk = user_data;

  if (node->folder != NULL && node->folder->subscribed)
    {
      if (ph_imap_list_options_match (walk->options, name))
        tell_name (walk->self, "LSUB", node->folder->exists ? "" : "\\Noselect", name, "");
    }
  else if (node->has_subscribed && ph_imap_list_options_match_level (walk->options, name))
    {
      tell_name (walk->self, "LSUB", "\\Noselect", name, "");
    }

  return FALSE;
}

static void
listed_cb (PhImapSession *self,
           gpointer       data)
{
  ph_imap_session_ok (self, NULL, "Listed");
}

void
ph_imap_command_list (PhImapSession *self,
                      PhImapParser  *arguments)
{
  g_auto (PhImapListOptions) options = { 0 };
  g_autoptr (GTree) nodes = NULL;
  g_autoptr (PhImapStatusQueue) queue = ph_imap_status_queue_new ();
  Walk walk;

  ph_imap_list_options_take (arguments, TRUE, &options);
  if (!ph_imap_session_end_arguments (self, arguments))
    return;

  if (options.is_root && !options.extended)
    {
      tell_name (self, "LIST", "\\Noselect", "", "");
      ph_imap_session_ok (self, NULL, "That is the delimiter");
      return;
    }

  if (options.uses_modseq)
    ph_imap_session_enable (self, PH_IMAP_ENABLED_CONDSTORE);
  nodes = collect_nodes (ph_account_store_get_folders (self->account_store));
  walk = (Walk){ self, &options, nodes, queue };
  if ((options.select & PH_IMAP_LIST_RECURSIVE) != 0)
    g_tree_foreach (nodes, mark_parents, &walk);
  g_tree_foreach (nodes, list_node, &walk);
  if (!options.return_status)
    {
      ph_imap_session_ok (self, NULL, "Listed");
      return;
    }

  ph_imap_status_queue_tell (g_steal_pointer (&queue), self, listed_cb, NULL, NULL);
}

void
ph_imap_command_lsub (PhImapSession *self,
                      PhImapParser  *arguments)
{
  g_auto (PhImapListOptions) options = { 0 };
  g_autoptr (GTree) nodes = NULL;

  ph_imap_list_options_take (arguments, FALSE, &options);
  if (!ph_imap_session_end_arguments (self, arguments))
    return;

  nodes = collect_nodes (ph_account_store_get_folders (self->account_store));
  g_tree_foreach (nodes, lsub_node, &(Walk){ self, &options, nodes, NULL });
  ph_imap_session_ok (self, NULL, "Subscriptions listed");
}
