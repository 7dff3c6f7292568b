#include "ph-imap-search-key.h"

#include <string.h>

typedef enum {
  ARGUMENT_NONE,
  ARGUMENT_FIELD, /* a string looked for in the field `name` */
  ARGUMENT_STRING,
  ARGUMENT_KEYWORD,
  ARGUMENT_HEADER, /* field and string */
  ARGUMENT_DATE,
  ARGUMENT_NUMBER,
  ARGUMENT_INTERVAL,
  ARGUMENT_UIDS,
  ARGUMENT_UID_AFTER,
  ARGUMENT_UID_BEFORE,
  ARGUMENT_RECENT,
  ARGUMENT_NEW,
  ARGUMENT_OLD,
  ARGUMENT_MODSEQ,
  ARGUMENT_EMAILID,
  ARGUMENT_THREADID,
} Argument;

typedef struct
{
  const char *word;
  PhSearchOp  op;
  Argument    argument;
  PhFlags     flags;
  gboolean    negated;
  const char *name;
} KeyInfo;

static const KeyInfo key_infos[] = {
  { "ALL", PH_SEARCH_ALL, ARGUMENT_NONE, 0, FALSE, NULL },
  { "ANSWERED", PH_SEARCH_FLAGS, ARGUMENT_NONE, PH_FLAG_ANSWERED, FALSE, NULL },
  { "BCC", PH_SEARCH_HEADER, ARGUMENT_FIELD, 0, FALSE, "Bcc" },
  { "BEFORE", PH_SEARCH_BEFORE, ARGUMENT_DATE, 0, FALSE, NULL },
  { "BODY", PH_SEARCH_BODY, ARGUMENT_STRING, 0, FALSE, NULL },
  { "CC", PH_SEARCH_HEADER, ARGUMENT_FIELD, 0, FALSE, "Cc" },
  { "DELETED", PH_SEARCH_FLAGS, ARGUMENT_NONE, PH_FLAG_DELETED, FALSE, NULL },
  { "DRAFT", PH_SEARCH_FLAGS, ARGUMENT_NONE, PH_FLAG_DRAFT, FALSE, NULL },
  { "EMAILID", PH_SEARCH_OBJECT, ARGUMENT_EMAILID, 0, FALSE, NULL },
  { "FLAGGED", PH_SEARCH_FLAGS, ARGUMENT_NONE, PH_FLAG_FLAGGED, FALSE, NULL },
  { "FROM", PH_SEARCH_HEADER, ARGUMENT_FIELD, 0, FALSE, "From" },
  { "HEADER", PH_SEARCH_HEADER, ARGUMENT_HEADER, 0, FALSE, NULL },
  { "KEYWORD", PH_SEARCH_KEYWORD, ARGUMENT_KEYWORD, 0, FALSE, NULL },
  { "LARGER", PH_SEARCH_LARGER, ARGUMENT_NUMBER, 0, FALSE, NULL },
  { "MODSEQ", PH_SEARCH_MODSEQ, ARGUMENT_MODSEQ, 0, FALSE, NULL },
  { "NEW", PH_SEARCH_AND, ARGUMENT_NEW, 0, FALSE, NULL },
  { "OLD", PH_SEARCH_UIDS, ARGUMENT_OLD, 0, TRUE, NULL },
  { "OLDER", PH_SEARCH_OLDER, ARGUMENT_INTERVAL, 0, FALSE, NULL },
  { "ON", PH_SEARCH_ON, ARGUMENT_DATE, 0, FALSE, NULL },
  { "RECENT", PH_SEARCH_UIDS, ARGUMENT_RECENT, 0, FALSE, NULL },
  { "SAVEDBEFORE", PH_SEARCH_SAVED_BEFORE, ARGUMENT_DATE, 0, FALSE, NULL },
  { "SAVEDATESUPPORTED", PH_SEARCH_ALL, ARGUMENT_NONE, 0, FALSE, NULL },
  { "SAVEDON", PH_SEARCH_SAVED_ON, ARGUMENT_DATE, 0, FALSE, NULL },
  { "SAVEDSINCE", PH_SEARCH_SAVED_SINCE, ARGUMENT_DATE, 0, FALSE, NULL },
  { "SEEN", PH_SEARCH_FLAGS, ARGUMENT_NONE, PH_FLAG_SEEN, FALSE, NULL },
  { "SENTBEFORE", PH_SEARCH_SENT_BEFORE, ARGUMENT_DATE, 0, FALSE, NULL },
  { "SENTON", PH_SEARCH_SENT_ON, ARGUMENT_DATE, 0, FALSE, NULL },
  { "SENTSINCE", PH_SEARCH_SENT_SINCE, ARGUMENT_DATE, 0, FALSE, NULL },
  { "SINCE", PH_SEARCH_SINCE, ARGUMENT_DATE, 0, FALSE, NULL },
  { "SMALLER", PH_SEARCH_SMALLER, ARGUMENT_NUMBER, 0, FALSE, NULL },
  { "SUBJECT", PH_SEARCH_HEADER, ARGUMENT_FIELD, 0, FALSE, "Subject" },
  { "TEXT", PH_SEARCH_TEXT, ARGUMENT_STRING, 0, FALSE, NULL },
  { "THREADID", PH_SEARCH_THREAD, ARGUMENT_THREADID, 0, FALSE, NULL },
  { "TO", PH_SEARCH_HEADER, ARGUMENT_FIELD, 0, FALSE, "To" },
  { "UID", PH_SEARCH_UIDS, ARGUMENT_UIDS, 0, FALSE, NULL },
  { "UIDAFTER", PH_SEARCH_UIDS, ARGUMENT_UID_AFTER, 0, FALSE, NULL },
  { "UIDBEFORE", PH_SEARCH_UIDS, ARGUMENT_UID_BEFORE, 0, FALSE, NULL },
  { "UNANSWERED", PH_SEARCH_FLAGS, ARGUMENT_NONE, PH_FLAG_ANSWERED, TRUE, NULL },
  { "UNDELETED", PH_SEARCH_FLAGS, ARGUMENT_NONE, PH_FLAG_DELETED, TRUE, NULL },
  { "UNDRAFT", PH_SEARCH_FLAGS, ARGUMENT_NONE, PH_FLAG_DRAFT, TRUE, NULL },
  { "UNFLAGGED", PH_SEARCH_FLAGS, ARGUMENT_NONE, PH_FLAG_FLAGGED, TRUE, NULL },
  { "UNKEYWORD", PH_SEARCH_KEYWORD, ARGUMENT_KEYWORD, 0, TRUE, NULL },
  { "UNSEEN", PH_SEARCH_FLAGS, ARGUMENT_NONE, PH_FLAG_SEEN, TRUE, NULL },
  { "YOUNGER", PH_SEARCH_YOUNGER, ARGUMENT_INTERVAL, 0, FALSE, NULL },
};

/* A key whose children are still being read; owned by its parent. */
typedef struct
{
  PhSearchKey *key;
  guint        wanted; /* children still to come; 0: up to ")" or the end */
  gboolean     fuzzy;  /* texts in it are words (RFC 6203) */
} Frame;

typedef struct
{
  PhImapParser *parser;
  PhImapView   *view;
  gboolean      exact;
  Frame         frames[PH_IMAP_SEARCH_DEPTH_MAX];
  guint         depth;
  guint         n_keys;
  guint         traits; /* PhImapSearchTraits */
} Reader;

static void
add_child (PhSearchKey *parent,
           PhSearchKey *child)
{
  if (parent->children == NULL)
    parent->children = g_ptr_array_new_with_free_func ((GDestroyNotify)ph_search_key_free);
  g_ptr_array_add (parent->children, child);
}

static void
add_uids (PhSearchKey *key,
          guint32      first,
          guint32      last)
{
  guint32 pair[2] = { first, last };

  g_array_append_vals (key->uids, pair, 2);
}

static PhSearchKey *
new_uids_key (void)
{
  PhSearchKey *key = ph_search_key_new (PH_SEARCH_UIDS);

  if (key->uids == NULL)
    key->uids = g_array_new (FALSE, FALSE, sizeof (guint32));

  return key;
}

/* Numbers beyond the mailbox match nothing. */
static gboolean
take_set (Reader      *reader,
          gboolean     by_uid,
          PhSearchKey *key)
{
  g_autoptr (GArray) set = NULL;
  guint   n = ph_imap_view_get_n_entries (reader->view);
  guint32 max = n;

  if (!ph_imap_set_take (reader->parser, &set))
    return FALSE;
  if (ph_imap_set_is_saved (set))
    {
      g_autoptr (GArray) saved = ph_imap_view_select (reader->view, set, TRUE);

      for (guint i = 0; i < saved->len; i++)
        add_uids (key, g_array_index (saved, guint32, i), g_array_index (saved, guint32, i));
      return TRUE;
    }

  if (by_uid && n > 0)
    max = ph_imap_view_get_entry (reader->view, n - 1)->uid;
  ph_imap_set_resolve (set, max);

  for (guint i = 0; i < set->len; i++)
    {
      PhImapRange range = g_array_index (set, PhImapRange, i);

      if (by_uid)
        add_uids (key, range.first, range.last);
      else if (range.first <= n)
        add_uids (key,
                  ph_imap_view_get_entry (reader->view, range.first - 1)->uid,
                  ph_imap_view_get_entry (reader->view, MIN (range.last, n) - 1)->uid);
    }

  return TRUE;
}

static PhSearchKey *
new_recent_key (Reader *reader)
{
  PhSearchKey *key = new_uids_key ();

  reader->traits |= PH_IMAP_SEARCH_WANDERS;
  for (guint i = 0; i < ph_imap_view_get_n_entries (reader->view); i++)
    {
      const PhImapEntry *entry = ph_imap_view_get_entry (reader->view, i);

      if (entry->recent)
        add_uids (key, entry->uid, entry->uid);
    }

  return key;
}

static gboolean
take_text (Reader *reader,
           char  **text)
{
  if (!ph_imap_parser_take_space (reader->parser) || !ph_imap_parser_take_astring (reader->parser, text))
    return FALSE;

  return g_utf8_validate (*text, -1, NULL) || ph_imap_parser_fail (reader->parser, "Not valid UTF-8");
}

/* RFC 8474 6: an id that is not ours matches nothing. */
static gboolean
take_object_id (PhImapParser *parser,
                char          kind,
                PhSearchKey  *key)
{
  g_autofree char *id = NULL;

  if (!ph_imap_parser_take_space (parser) || !ph_imap_parser_take_astring (parser, &id))
    return FALSE;
  if (!ph_object_id_parse (kind, id, &key->number))
    key->number = G_MAXUINT64;

  return TRUE;
}

/* RFC 7162 3.1.5: MODSEQ "/flags/\Seen" all 17.  All flags share one modseq. */
static gboolean
take_modseq (PhImapParser *parser,
             PhSearchKey  *key)
{
  static const char *const types[] = { "PRIV", "SHARED", "ALL" };
  g_autofree char         *entry = NULL;
  guint                    index;

  if (!ph_imap_parser_take_space (parser))
    return FALSE;
  if (ph_imap_parser_peek (parser) == '"')
    {
      if (!ph_imap_parser_take_string (parser, &entry) || !ph_imap_parser_take_space (parser) || !ph_imap_parser_take_word_of (parser, types, G_N_ELEMENTS (types), &index, "Expected priv, shared or all") || !ph_imap_parser_take_space (parser))
        return FALSE;
      if (!g_str_has_prefix (entry, "/flags/"))
        return ph_imap_parser_fail (parser, "Unknown entry");
    }

  return ph_imap_parser_take_number (parser, G_MAXINT64, &key->number);
}

/* RFC 9738 3.2: all UIDs on one side of one. */
static gboolean
take_side (PhImapParser *parser,
           gboolean      after,
           PhSearchKey  *key)
{
  guint64 uid;

  if (!ph_imap_parser_take_space (parser) || !ph_imap_parser_take_number (parser, G_MAXUINT32, &uid))
    return FALSE;
  if (uid == 0)
    return ph_imap_parser_fail (parser, "0 is no UID");

  if (after && uid < G_MAXUINT32)
    add_uids (key, (guint32)uid + 1, G_MAXUINT32);
  else if (!after && uid > 1)
    add_uids (key, 1, (guint32)uid - 1);

  return TRUE;
}

static PhSearchKey *
negate (PhSearchKey *key)
{
  PhSearchKey *parent = ph_search_key_new (PH_SEARCH_NOT);

  add_child (parent, key);

  return parent;
}

static gboolean
take_argument (Reader        *reader,
               const KeyInfo *info,
               PhSearchKey   *key)
{
  PhImapParser *parser = reader->parser;

  switch (info->argument)
    {
    case ARGUMENT_HEADER:
      return take_text (reader, &key->name) && take_text (reader, &key->text);
    case ARGUMENT_FIELD:
      key->name = g_strdup (info->name);
      return take_text (reader, &key->text);
    case ARGUMENT_STRING:
      return take_text (reader, &key->text);
    case ARGUMENT_KEYWORD:
      return ph_imap_parser_take_space (parser) && ph_imap_parser_take_atom (parser, &key->text);
    case ARGUMENT_DATE:
      return ph_imap_parser_take_space (parser) && ph_imap_parser_take_date (parser, &key->day);
    case ARGUMENT_NUMBER:
      return ph_imap_parser_take_space (parser) && ph_imap_parser_take_number (parser, G_MAXUINT32, &key->number);
    case ARGUMENT_INTERVAL:
      reader->traits |= PH_IMAP_SEARCH_WANDERS;
      return ph_imap_parser_take_space (parser) && ph_imap_parser_take_number (parser, G_MAXUINT32, &key->number) && (key->number > 0 || ph_imap_parser_fail (parser, "0 is no interval"));
    case ARGUMENT_EMAILID:
      return take_object_id (parser, 'M', key);
    case ARGUMENT_THREADID:
      return take_object_id (parser, 'T', key);
    case ARGUMENT_MODSEQ:
      reader->traits |= PH_IMAP_SEARCH_USES_MODSEQ;
      return take_modseq (parser, key);
    case ARGUMENT_UIDS:
      return ph_imap_parser_take_space (parser) && take_set (reader, TRUE, key);
    case ARGUMENT_UID_AFTER:
      return take_side (parser, TRUE, key);
    case ARGUMENT_UID_BEFORE:
      return take_side (parser, FALSE, key);
      case ARGUMENT_NEW: {
        PhSearchKey *seen = ph_search_key_new (PH_SEARCH_FLAGS);

        seen->flags = PH_FLAG_SEEN;
        add_child (key, new_recent_key (reader));
        add_child (key, negate (seen));
        return TRUE;
      }
    case ARGUMENT_NONE:
    case ARGUMENT_RECENT:
    case ARGUMENT_OLD:
    default:
      key->flags = info->flags;
      return TRUE;
    }
}

static PhSearchKey *
take_leaf (Reader *reader)
{
  g_autoptr (PhSearchKey) key = NULL;
  int c = ph_imap_parser_peek (reader->parser);

  if (c == '*' || c == '$' || g_ascii_isdigit (c))
    {
      if (c != '$' && (ph_imap_view_get_enabled (reader->view) & PH_IMAP_ENABLED_UIDONLY) != 0)
        {
          ph_imap_parser_fail (reader->parser, "[UIDREQUIRED] UIDONLY is enabled: name messages by UID");
          return NULL;
        }
      key = new_uids_key ();
      return take_set (reader, FALSE, key) ? g_steal_pointer (&key) : NULL;
    }

  for (guint i = 0; i < G_N_ELEMENTS (key_infos); i++)
    {
      const KeyInfo *info = &key_infos[i];

      if (!ph_imap_parser_skip_word (reader->parser, info->word))
        continue;
      if (info->argument == ARGUMENT_RECENT || info->argument == ARGUMENT_OLD)
        key = new_recent_key (reader);
      else if (info->op == PH_SEARCH_UIDS)
        key = new_uids_key ();
      else
        key = ph_search_key_new (info->op);
      if (!take_argument (reader, info, key))
        return NULL;
      return info->negated ? negate (g_steal_pointer (&key)) : g_steal_pointer (&key);
    }

  ph_imap_parser_fail (reader->parser, c < 0 ? "Missing argument" : "Unknown search key");

  return NULL;
}

/* RFC 6203 3: a text of several words becomes all of them, wherever they stand. */
static PhSearchKey *
split_words (Reader      *reader,
             PhSearchKey *key)
{
  g_auto (GStrv) words = NULL;
  PhSearchKey *all;

  if (reader->exact || !reader->frames[reader->depth - 1].fuzzy || (key->op != PH_SEARCH_HEADER && key->op != PH_SEARCH_BODY && key->op != PH_SEARCH_TEXT) || strchr (key->text, ' ') == NULL)
    return key;

  all = ph_search_key_new (PH_SEARCH_AND);
  words = g_strsplit (key->text, " ", -1);
  for (guint i = 0; words[i] != NULL; i++)
    {
      PhSearchKey *word;

      if (*words[i] == '\0' || reader->n_keys >= PH_IMAP_SEARCH_KEYS_MAX)
        continue;
      reader->n_keys++;
      word = ph_search_key_new (key->op);
      word->name = g_strdup (key->name);
      word->text = g_strdup (words[i]);
      add_child (all, word);
    }
  /* Blanks only. */
  if (all->children->len == 0)
    {
      ph_search_key_free (all);
      return key;
    }
  ph_search_key_free (key);

  return all;
}

static gboolean
push (Reader    *reader,
      PhSearchOp op,
      guint      wanted)
{
  PhSearchKey *key;

  if (reader->depth >= PH_IMAP_SEARCH_DEPTH_MAX)
    return ph_imap_parser_fail (reader->parser, "Search nested too deep");

  key = ph_search_key_new (op);
  add_child (reader->frames[reader->depth - 1].key, key);
  reader->frames[reader->depth] = (Frame){ key, wanted, reader->frames[reader->depth - 1].fuzzy };
  reader->depth++;

  return TRUE;
}

static gboolean
push_fuzzy (Reader *reader)
{
  if (!ph_imap_parser_take_space (reader->parser) || !push (reader, PH_SEARCH_AND, 1))
    return FALSE;

  reader->frames[reader->depth - 1].fuzzy = TRUE;
  reader->traits |= PH_IMAP_SEARCH_IS_FUZZY;

  return TRUE;
}

/* TRUE in *complete if an operand ended, FALSE if one began. */
static gboolean
take_operand (Reader   *reader,
              gboolean *complete)
{
  PhSearchKey *leaf;

  *complete = FALSE;
  if (++reader->n_keys > PH_IMAP_SEARCH_KEYS_MAX)
    return ph_imap_parser_fail (reader->parser, "Too many search keys");

  if (ph_imap_parser_skip_char (reader->parser, '('))
    return push (reader, PH_SEARCH_AND, 0);
  if (ph_imap_parser_skip_word (reader->parser, "NOT"))
    return ph_imap_parser_take_space (reader->parser) && push (reader, PH_SEARCH_NOT, 1);
  if (ph_imap_parser_skip_word (reader->parser, "OR"))
    return ph_imap_parser_take_space (reader->parser) && push (reader, PH_SEARCH_OR, 2);
  if (ph_imap_parser_skip_word (reader->parser, "FUZZY"))
    return push_fuzzy (reader);

  leaf = take_leaf (reader);
  if (leaf == NULL)
    return FALSE;
  add_child (reader->frames[reader->depth - 1].key, split_words (reader, leaf));
  *complete = TRUE;

  return TRUE;
}

/* An operand ended: NOT and OR may have all they want, parentheses may close. */
static void
close_frames (Reader *reader)
{
  while (reader->depth > 1)
    {
      Frame *frame = &reader->frames[reader->depth - 1];

      if (frame->wanted > 0)
        {
          if (--frame->wanted > 0)
            return;
        }
      else if (!ph_imap_parser_skip_char (reader->parser, ')'))
        {
          return;
        }
      reader->depth--;
    }
}

PhSearchKey *
ph_imap_search_key_take (PhImapParser *parser,
                         PhImapView   *view,
                         gboolean      exact,
                         guint        *traits)
{
  g_autoptr (PhSearchKey) root = ph_search_key_new (PH_SEARCH_AND);
  Reader reader = { .parser = parser, .view = view, .exact = exact, .depth = 1 };

  reader.frames[0] = (Frame){ root, 0, FALSE };
  while (TRUE)
    {
      gboolean complete;

      if (!take_operand (&reader, &complete))
        return NULL;
      if (!complete)
        continue;

      close_frames (&reader);
      if (ph_imap_parser_at_end (parser) && reader.depth == 1)
        {
          *traits = reader.traits;
          return g_steal_pointer (&root);
        }
      if (!ph_imap_parser_take_space (parser))
        return NULL;
    }
}
