#include "ph-threader.h"

#include <string.h>

#define NONE G_MAXUINT

/* A message, or a place for one that others refer to.  Links are indices: nodes move. */
typedef struct
{
  guint32  number;  /* 0: not in the mailbox */
  gint64   date;    /* of a missing one: of its first child, once sorted */
  char    *subject; /* NULL where number is 0 */
  gboolean is_reply;
  guint    order; /* in the mailbox */
  guint    parent;
  guint    first_child;
  guint    last_child;
  guint    next;
} Node;

struct _PhThreader
{
  GArray     *nodes; /* of Node; the first is the root of all */
  GHashTable *ids;   /* id → index of its node */
  guint       n_messages;
};

#define NODE(self, i) (&g_array_index ((self)->nodes, Node, (i)))

static void
node_clear (gpointer data)
{
  g_free (((Node *)data)->subject);
}

static guint
new_node (PhThreader *self)
{
  const Node node = { .parent = NONE, .first_child = NONE, .last_child = NONE, .next = NONE };

  g_array_append_val (self->nodes, node);

  return self->nodes->len - 1;
}

PhThreader *
ph_threader_new (void)
{
  PhThreader *self = g_new0 (PhThreader, 1);

  self->nodes = g_array_new (FALSE, FALSE, sizeof (Node));
  g_array_set_clear_func (self->nodes, node_clear);
  self->ids = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  new_node (self);

  return self;
}

void
ph_threader_free (PhThreader *self)
{
  g_array_unref (self->nodes);
  g_hash_table_unref (self->ids);
  g_free (self);
}

static void
append_child (PhThreader *self,
              guint       parent,
              guint       child)
{
  Node *node = NODE (self, parent);

  NODE (self, child)->parent = parent;
  NODE (self, child)->next = NONE;
  if (node->first_child == NONE)
    node->first_child = child;
  else
    NODE (self, node->last_child)->next = child;
  node->last_child = child;
}

/* Whether `node` would be its own ancestor below `parent`, or too deep. */
static gboolean
would_loop (PhThreader *self,
            guint       node,
            guint       parent)
{
  guint depth = 0;

  if (node == parent)
    return TRUE;

  for (guint i = parent; i != NONE; i = NODE (self, i)->parent)
    if (i == node || ++depth > PH_THREADER_DEPTH_MAX)
      return TRUE;

  return FALSE;
}

static guint
ensure_id (PhThreader *self,
           const char *id)
{
  gpointer value;
  guint    node;

  if (g_hash_table_lookup_extended (self->ids, id, NULL, &value))
    return GPOINTER_TO_UINT (value);

  node = new_node (self);
  g_hash_table_insert (self->ids, g_strdup (id), GUINT_TO_POINTER (node));

  return node;
}

/* Step 1 of REFERENCES: who is whose parent. */
void
ph_threader_add (PhThreader        *self,
                 guint32            number,
                 gint64             date,
                 const char        *subject,
                 gboolean           is_reply,
                 const char        *message_id,
                 const char *const *references)
{
  guint own = message_id != NULL ? ensure_id (self, message_id) : NONE;
  guint last = NONE;
  Node *node;

  /* An id that came before is none: the message stands for itself. */
  if (own == NONE || NODE (self, own)->number != 0)
    own = new_node (self);
  node = NODE (self, own);
  node->number = number;
  node->date = date;
  node->subject = g_strdup (subject);
  node->is_reply = is_reply;
  node->order = self->n_messages++;

  for (; references != NULL && *references != NULL; references++)
    {
      guint place = ensure_id (self, *references);

      if (last != NONE && NODE (self, place)->parent == NONE && !would_loop (self, place, last))
        NODE (self, place)->parent = last;
      last = place;
    }

  /* What the message says of itself counts more than what others say. */
  if (last != NONE)
    {
      NODE (self, own)->parent = NONE;
      if (!would_loop (self, own, last))
        NODE (self, own)->parent = last;
    }
}

/* Step 3: missing messages without children go; those with some give way to them, but a
 * root keeps several together.  From the last node to the first is no order of the tree,
 * so nodes are visited children first by a stack. */
static GArray *
list_children_first (PhThreader *self)
{
  GArray *order = g_array_new (FALSE, FALSE, sizeof (guint));
  guint   root = 0;

  /* Parents first, then turned around. */
  g_array_append_val (order, root);
  for (guint i = 0; i < order->len; i++)
    for (guint child = NODE (self, g_array_index (order, guint, i))->first_child; child != NONE; child = NODE (self, child)->next)
      g_array_append_val (order, child);
  for (guint i = 0; i < order->len / 2; i++)
    {
      guint *one = &g_array_index (order, guint, i);
      guint *two = &g_array_index (order, guint, order->len - 1 - i);
      guint  kept = *one;

      *one = *two;
      *two = kept;
    }

  return order;
}

/* The children of `parent` anew, each missing one replaced by its own children. */
static void
prune_children (PhThreader *self,
                guint       parent)
{
  guint child = NODE (self, parent)->first_child;

  NODE (self, parent)->first_child = NODE (self, parent)->last_child = NONE;
  while (child != NONE)
    {
      guint    next = NODE (self, child)->next;
      guint    first = NODE (self, child)->first_child;
      gboolean keep = NODE (self, child)->number != 0 || (parent == 0 && first != NONE && NODE (self, first)->next != NONE);

      if (keep)
        append_child (self, parent, child);
      while (!keep && first != NONE)
        {
          guint after = NODE (self, first)->next;

          append_child (self, parent, first);
          first = after;
        }
      child = next;
    }
}

typedef struct
{
  gint64 date;
  guint  order;
  guint  node;
} Sibling;

static int
compare_siblings (gconstpointer a,
                  gconstpointer b)
{
  const Sibling *one = a;
  const Sibling *two = b;

  if (one->date != two->date)
    return one->date < two->date ? -1 : 1;

  return (one->order > two->order) - (one->order < two->order);
}

/* Steps 4 and 6.  A missing parent then has date and order of its first child. */
static void
sort_children (PhThreader *self,
               guint       parent)
{
  g_autoptr (GArray) siblings = NULL;
  guint first = NODE (self, parent)->first_child;

  if (first != NONE && NODE (self, first)->next != NONE)
    {
      siblings = g_array_new (FALSE, FALSE, sizeof (Sibling));
      for (guint i = first; i != NONE; i = NODE (self, i)->next)
        {
          Sibling sibling = { NODE (self, i)->date, NODE (self, i)->order, i };

          g_array_append_val (siblings, sibling);
        }
      g_array_sort (siblings, compare_siblings);
      NODE (self, parent)->first_child = NODE (self, parent)->last_child = NONE;
      for (guint i = 0; i < siblings->len; i++)
        append_child (self, parent, g_array_index (siblings, Sibling, i).node);
    }

  first = NODE (self, parent)->first_child;
  if (parent != 0 && NODE (self, parent)->number == 0 && first != NONE)
    {
      NODE (self, parent)->date = NODE (self, first)->date;
      NODE (self, parent)->order = NODE (self, first)->order;
    }
}

static void
sort_all (PhThreader *self)
{
  g_autoptr (GArray) order = list_children_first (self);

  for (guint i = 0; i < order->len; i++)
    sort_children (self, g_array_index (order, guint, i));
}

/* The message whose subject stands for a thread: itself, or of a missing one the first
 * child, which after pruning is a message. */
static const Node *
get_speaker (PhThreader *self,
             guint       node)
{
  while (NODE (self, node)->number == 0)
    node = NODE (self, node)->first_child;

  return NODE (self, node);
}

/* Step 5.B: subject → the root that threads of that subject go to. */
static GHashTable *
choose_roots (PhThreader *self)
{
  GHashTable *table = g_hash_table_new (g_str_hash, g_str_equal);

  for (guint i = NODE (self, 0)->first_child; i != NONE; i = NODE (self, i)->next)
    {
      const Node *speaker = get_speaker (self, i);
      gpointer    value;
      guint       chosen;

      if (*speaker->subject == '\0')
        continue;
      if (g_hash_table_lookup_extended (table, speaker->subject, NULL, &value))
        {
          gboolean missing = NODE (self, i)->number == 0;
          gboolean chosen_missing;

          chosen = GPOINTER_TO_UINT (value);
          chosen_missing = NODE (self, chosen)->number == 0;
          if (!(missing && !chosen_missing) && !(!missing && !chosen_missing && get_speaker (self, chosen)->is_reply && !speaker->is_reply))
            continue;
        }
      g_hash_table_insert (table, speaker->subject, GUINT_TO_POINTER (i));
    }

  return table;
}

/* Step 5.C for one root; `chosen` is another of the same subject. */
static void
merge_roots (PhThreader *self,
             guint       chosen,
             guint       root)
{
  gboolean missing = NODE (self, root)->number == 0;
  gboolean chosen_missing = NODE (self, chosen)->number == 0;
  gboolean is_reply = get_speaker (self, root)->is_reply;
  gboolean chosen_is_reply = get_speaker (self, chosen)->is_reply;

  if (missing && chosen_missing)
    {
      for (guint child = NODE (self, root)->first_child, next; child != NONE; child = next)
        {
          next = NODE (self, child)->next;
          append_child (self, chosen, child);
        }
      NODE (self, root)->first_child = NODE (self, root)->last_child = NONE;
      NODE (self, root)->parent = NONE;
    }
  else if (chosen_missing || (is_reply && !chosen_is_reply))
    {
      append_child (self, chosen, root);
    }
  else
    {
      /* Both become children of a missing one, which takes the place of the chosen. */
      guint place = new_node (self);
      Node  kept;
      guint child;

      /* Indices in the table stay right: the contents are exchanged. */
      kept = *NODE (self, chosen);
      *NODE (self, chosen) = (Node){ .parent = kept.parent, .next = kept.next, .first_child = NONE, .last_child = NONE, .date = kept.date, .order = kept.order };
      *NODE (self, place) = kept;
      for (child = kept.first_child; child != NONE; child = NODE (self, child)->next)
        NODE (self, child)->parent = place;
      append_child (self, chosen, place);
      append_child (self, chosen, root);
    }
}

static void
gather_subjects (PhThreader *self)
{
  g_autoptr (GHashTable) table = choose_roots (self);
  guint root = NODE (self, 0)->first_child;

  NODE (self, 0)->first_child = NODE (self, 0)->last_child = NONE;
  while (root != NONE)
    {
      guint       next = NODE (self, root)->next;
      gpointer    value = NULL;
      const char *subject = get_speaker (self, root)->subject;

      if (*subject != '\0' && g_hash_table_lookup_extended (table, subject, NULL, &value) && GPOINTER_TO_UINT (value) != root)
        merge_roots (self, GPOINTER_TO_UINT (value), root);
      else
        append_child (self, 0, root);
      root = next;
    }
}

/* Parents before children, by a stack. */
static GArray *
walk (PhThreader *self)
{
  GArray *result = g_array_new (FALSE, FALSE, sizeof (PhThreadNode));
  g_autoptr (GArray) stack = g_array_new (FALSE, FALSE, sizeof (guint));
  guint top = NODE (self, 0)->first_child;

  if (top != NONE)
    g_array_append_val (stack, top);
  while (stack->len > 0)
    {
      guint        i = g_array_index (stack, guint, stack->len - 1);
      guint        next = NODE (self, i)->next;
      guint        child = NODE (self, i)->first_child;
      PhThreadNode node = { NODE (self, i)->number, 0 };

      for (guint c = child; c != NONE; c = NODE (self, c)->next)
        node.n_children++;
      g_array_append_val (result, node);

      if (next != NONE)
        g_array_index (stack, guint, stack->len - 1) = next;
      else
        g_array_set_size (stack, stack->len - 1);
      if (child != NONE)
        g_array_append_val (stack, child);
    }

  return result;
}

GArray *
ph_threader_form_references (PhThreader *self)
{
  g_autoptr (GArray) order = NULL;

  /* Step 2 */
  for (guint i = 1; i < self->nodes->len; i++)
    append_child (self, NODE (self, i)->parent == NONE ? 0 : NODE (self, i)->parent, i);

  order = list_children_first (self);
  for (guint i = 0; i < order->len; i++)
    prune_children (self, g_array_index (order, guint, i));

  sort_all (self);
  gather_subjects (self);
  sort_all (self);

  return walk (self);
}

/* Section 3: by subject, then by date; the first is the parent of all others. */
GArray *
ph_threader_form_by_subject (PhThreader *self)
{
  g_autoptr (GHashTable) firsts = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GArray) siblings = g_array_new (FALSE, FALSE, sizeof (Sibling));

  for (guint i = 1; i < self->nodes->len; i++)
    {
      Node   *node = NODE (self, i);
      Sibling sibling = { node->date, node->order, i };

      node->parent = node->first_child = node->last_child = node->next = NONE;
      if (node->number != 0)
        g_array_append_val (siblings, sibling);
    }
  g_array_sort (siblings, compare_siblings);

  for (guint i = 0; i < siblings->len; i++)
    {
      guint       node = g_array_index (siblings, Sibling, i).node;
      const char *subject = NODE (self, node)->subject;
      gpointer    first;

      if (g_hash_table_lookup_extended (firsts, subject, NULL, &first))
        {
          append_child (self, GPOINTER_TO_UINT (first), node);
          continue;
        }
      g_hash_table_insert (firsts, (gpointer)subject, GUINT_TO_POINTER (node));
      append_child (self, 0, node);
    }

  return walk (self);
}

char **
ph_threader_parse_ids (const char *value,
                       guint       max)
{
  g_autoptr (GPtrArray) ids = g_ptr_array_new_with_free_func (g_free);
  const char *start;
  const char *end;

  while (value != NULL && (start = strchr (value, '<')) != NULL && (end = strchr (start, '>')) != NULL)
    {
      /* "<a <b>" names b. */
      for (const char *c = start + 1; c < end; c++)
        if (*c == '<')
          start = c;
      if (end - start > 1)
        {
          if (ids->len == max)
            g_ptr_array_remove_index (ids, 0);
          g_ptr_array_add (ids, g_strndup (start + 1, (gsize)(end - start - 1)));
        }
      value = end + 1;
    }
  g_ptr_array_add (ids, NULL);

  return (char **)g_ptr_array_free (g_steal_pointer (&ids), FALSE);
}
