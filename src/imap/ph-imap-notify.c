#include "ph-imap-notify.h"

#include "ph-imap-fetch-items.h"

#include <string.h>

/* In the order of `filter_names`. */
typedef enum {
  FILTER_SELECTED,
  FILTER_SELECTED_DELAYED,
  FILTER_INBOXES, /* any mailbox may get mail: as PERSONAL (6.3) */
  FILTER_PERSONAL,
  FILTER_SUBSCRIBED,
  FILTER_SUBTREE,
  FILTER_MAILBOXES,
} Filter;

static const char *const filter_names[] = { "SELECTED", "SELECTED-DELAYED", "INBOXES", "PERSONAL", "SUBSCRIBED", "SUBTREE", "MAILBOXES" };

typedef struct
{
  Filter     filter;
  guint      events;
  GPtrArray *names; /* of SUBTREE and MAILBOXES */
} Group;

static const struct
{
  const char *name;
  guint       event;
} event_names[] = {
  { "MessageNew", PH_IMAP_EVENT_NEW },
  { "MessageExpunge", PH_IMAP_EVENT_EXPUNGE },
  { "FlagChange", PH_IMAP_EVENT_FLAGS },
  { "MailboxName", PH_IMAP_EVENT_NAME },
  { "SubscriptionChange", PH_IMAP_EVENT_SUBSCRIPTION },
  { "MailboxMetadataChange", PH_IMAP_EVENT_MAILBOX_METADATA },
  { "ServerMetadataChange", PH_IMAP_EVENT_SERVER_METADATA },
};

static void
group_free (gpointer data)
{
  Group *group = data;

  g_ptr_array_unref (group->names);
  g_free (group);
}

void
ph_imap_notify_free (PhImapNotify *self)
{
  g_ptr_array_unref (self->groups);
  g_free (self->items);
  g_free (self);
}

static gboolean
take_name (PhImapParser *parser,
           Group        *group)
{
  char *name = NULL;

  if (!ph_imap_parser_take_mailbox (parser, &name))
    return FALSE;
  /* What can't be the name of a mailbox is ignored as one that does not exist (3.1). */
  if (name != NULL)
    g_ptr_array_add (group->names, name);

  return group->names->len <= PH_IMAP_NOTIFY_NAMES_MAX || ph_imap_parser_fail (parser, "Too many names");
}

static gboolean
take_names (PhImapParser *parser,
            Group        *group)
{
  if (!ph_imap_parser_take_space (parser))
    return FALSE;
  if (!ph_imap_parser_skip_char (parser, '('))
    return take_name (parser, group);

  do
    {
      if (!take_name (parser, group))
        return FALSE;
    }
  while (ph_imap_parser_skip_char (parser, ' '));

  return ph_imap_parser_take_char (parser, ')');
}

/* "MessageNew (uid flags)": the items are kept as they were written. */
static gboolean
take_items (PhImapParser *parser,
            PhImapNotify *self,
            const Group  *group)
{
  g_autoptr (PhImapFetchItems) items = NULL;
  gsize start;

  if (parser->length - parser->position < 2 || memcmp (parser->data + parser->position, " (", 2) != 0)
    return TRUE;
  if (group->filter > FILTER_SELECTED_DELAYED)
    return ph_imap_parser_fail (parser, "Items are for the selected mailbox");

  start = ++parser->position;
  items = ph_imap_fetch_items_take (parser);
  if (items == NULL)
    return FALSE;
  g_free (self->items);
  self->items = g_strndup ((const char *)parser->data + start, parser->position - start);

  return TRUE;
}

static gboolean
take_event (PhImapParser *parser,
            PhImapNotify *self,
            Group        *group)
{
  g_autofree char *atom = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (event_names); i++)
    if (ph_imap_parser_skip_word (parser, event_names[i].name))
      {
        group->events |= event_names[i].event;
        return event_names[i].event != PH_IMAP_EVENT_NEW || take_items (parser, self, group);
      }

  self->has_unsupported = TRUE;

  return ph_imap_parser_take_atom (parser, &atom);
}

/* 5: one of them without the others would make numbers wrong.  Of other mailboxes, which have only
 * their STATUS told, Dovecot takes one alone, and so do we: there are clients that ask so. */
static gboolean
check_events (PhImapParser *parser,
              const Group  *group)
{
  const guint both = PH_IMAP_EVENT_NEW | PH_IMAP_EVENT_EXPUNGE;

  if (group->filter <= FILTER_SELECTED_DELAYED && group->events != 0 && (group->events & both) != both)
    return ph_imap_parser_fail (parser, "MessageNew and MessageExpunge go together, and FlagChange with both");
  if (group->filter <= FILTER_SELECTED_DELAYED && (group->events & ~PH_IMAP_MESSAGE_EVENTS) != 0)
    return ph_imap_parser_fail (parser, "That event is not one of the selected mailbox");

  return TRUE;
}

static gboolean
take_events (PhImapParser *parser,
             PhImapNotify *self,
             Group        *group)
{
  if (!ph_imap_parser_take_space (parser))
    return FALSE;
  if (ph_imap_parser_skip_word (parser, "NONE"))
    return TRUE;
  if (!ph_imap_parser_take_char (parser, '('))
    return FALSE;

  do
    {
      if (!take_event (parser, self, group))
        return FALSE;
    }
  while (ph_imap_parser_skip_char (parser, ' '));

  return ph_imap_parser_take_char (parser, ')') && check_events (parser, group);
}

static gboolean
take_group (PhImapParser *parser,
            PhImapNotify *self,
            gboolean     *has_selected)
{
  Group *group = g_new0 (Group, 1);
  guint  index;

  group->names = g_ptr_array_new_with_free_func (g_free);
  g_ptr_array_add (self->groups, group);
  if (self->groups->len > PH_IMAP_NOTIFY_GROUPS_MAX)
    return ph_imap_parser_fail (parser, "Too many groups");

  if (!ph_imap_parser_take_char (parser, '(') || !ph_imap_parser_take_word_of (parser, filter_names, G_N_ELEMENTS (filter_names), &index, "Unknown mailbox specifier"))
    return FALSE;
  group->filter = (Filter)index;
  if (group->filter >= FILTER_SUBTREE && !take_names (parser, group))
    return FALSE;
  if (!take_events (parser, self, group))
    return FALSE;

  self->all |= group->events;
  if (group->filter <= FILTER_SELECTED_DELAYED)
    {
      if (*has_selected)
        return ph_imap_parser_fail (parser, "SELECTED and SELECTED-DELAYED stand there once, one of them");
      *has_selected = TRUE;
      self->selected = group->events;
      self->delayed = group->filter == FILTER_SELECTED_DELAYED;
    }

  return ph_imap_parser_take_char (parser, ')');
}

PhImapNotify *
ph_imap_notify_take (PhImapParser *parser)
{
  g_autoptr (PhImapNotify) self = g_new0 (PhImapNotify, 1);
  gboolean has_selected = FALSE;

  self->groups = g_ptr_array_new_with_free_func (group_free);
  if (!ph_imap_parser_take_space (parser))
    return NULL;
  if (ph_imap_parser_skip_word (parser, "NONE"))
    return g_steal_pointer (&self);
  if (!ph_imap_parser_skip_word (parser, "SET"))
    {
      ph_imap_parser_fail (parser, "Expected SET or NONE");
      return NULL;
    }
  if (!ph_imap_parser_take_space (parser))
    return NULL;
  self->with_status = ph_imap_parser_skip_word (parser, "STATUS");
  if (self->with_status && !ph_imap_parser_take_space (parser))
    return NULL;

  do
    {
      if (!take_group (parser, self, &has_selected))
        return NULL;
    }
  while (ph_imap_parser_skip_char (parser, ' '));

  return g_steal_pointer (&self);
}

static gboolean
is_in_group (const Group *group,
             const char  *name,
             gboolean     subscribed)
{
  if (group->filter <= FILTER_SELECTED_DELAYED)
    return FALSE;
  if (group->filter == FILTER_SUBSCRIBED)
    return subscribed;

  for (guint i = 0; i < group->names->len; i++)
    {
      const char *other = g_ptr_array_index (group->names, i);
      gsize       n = strlen (other);

      if (strcmp (name, other) == 0)
        return TRUE;
      if (group->filter == FILTER_SUBTREE && strncmp (name, other, n) == 0 && name[n] == PH_FOLDER_DELIMITER)
        return TRUE;
    }

  return group->filter < FILTER_SUBTREE;
}

guint
ph_imap_notify_get_events (const PhImapNotify *self,
                           const char         *name,
                           gboolean            subscribed)
{
  guint events = 0;

  /* More than one group can be meant (6). */
  for (guint i = 0; i < self->groups->len; i++)
    {
      const Group *group = g_ptr_array_index (self->groups, i);

      if (is_in_group (group, name, subscribed))
        events |= group->events;
    }

  return events;
}
