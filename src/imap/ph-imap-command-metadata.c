#include "ph-imap-metadata.h"

#include "ph-mime-format.h"
#include "ph-store-error.h"

#include <string.h>

/* GETMETADATA and SETMETADATA (RFC 5464).  Each account is a server of its own: what is "shared"
 * there is shared by the sessions of one account (V24). */

#define ENTRY_MAX 500
#define ENTRIES_MAX 1000 /* of one command */

typedef struct
{
  char      *name;     /* of the mailbox; NULL: the server */
  GPtrArray *entries;  /* GETMETADATA: of char * */
  GPtrArray *wanted;   /* SETMETADATA: of PhAnnotation */
  guint      depth;    /* G_MAXUINT: infinity */
  guint64    size_max; /* G_MAXUINT64: any */
} Metadata;

static void
free_annotation (gpointer data)
{
  ph_annotation_free (data);
}

static Metadata *
metadata_new (void)
{
  Metadata *metadata = g_new0 (Metadata, 1);

  metadata->entries = g_ptr_array_new_with_free_func (g_free);
  metadata->wanted = g_ptr_array_new_with_free_func (free_annotation);
  metadata->size_max = G_MAXUINT64;

  return metadata;
}

static void
metadata_free (gpointer data)
{
  Metadata *metadata = data;

  g_free (metadata->name);
  g_ptr_array_unref (metadata->entries);
  g_ptr_array_unref (metadata->wanted);
  g_free (metadata);
}

static guint
count_components (const char *entry)
{
  guint n = 0;

  for (; *entry != '\0'; entry++)
    n += *entry == '/';

  return n;
}

/* 3.2: "/private/…" or "/shared/…"; `whole` where it names one to be set, not a place to look below. */
static gboolean
is_entry (const char *entry,
          gboolean    whole)
{
  gsize length = strlen (entry);
  guint n_components = count_components (entry);

  for (gsize i = 0; i < length; i++)
    if ((guint8)entry[i] < 0x20 || (guint8)entry[i] >= 0x7f || entry[i] == '*' || entry[i] == '%' || (entry[i] == '/' && (entry[i + 1] == '/' || entry[i + 1] == '\0')))
      return FALSE;
  if (length > ENTRY_MAX || (!g_str_has_prefix (entry, "/") && length > 0))
    return FALSE;
  if (!whole)
    return g_ascii_strncasecmp (entry, "/private", 8) == 0 || g_ascii_strncasecmp (entry, "/shared", 7) == 0;
  if (g_ascii_strncasecmp (entry, "/private/vendor", 15) == 0 || g_ascii_strncasecmp (entry, "/shared/vendor", 14) == 0)
    return n_components >= 4;

  return (g_ascii_strncasecmp (entry, "/private/", 9) == 0 || g_ascii_strncasecmp (entry, "/shared/", 8) == 0) && n_components >= 2;
}

static gboolean
take_entry (PhImapParser *parser,
            gboolean      whole,
            char        **entry)
{
  if (!ph_imap_parser_take_astring (parser, entry))
    return FALSE;

  return is_entry (*entry, whole) || ph_imap_parser_fail (parser, "Not a possible name of an entry");
}

/* *name is NULL and *possible TRUE for the server. */
static gboolean
take_place (PhImapParser *parser,
            Metadata     *metadata,
            gboolean     *possible)
{
  g_autofree char *spelled = NULL;

  if (!ph_imap_parser_take_spelled_mailbox (parser, &spelled, &metadata->name))
    return FALSE;
  *possible = metadata->name != NULL || g_strcmp0 (spelled, "") == 0;

  return TRUE;
}

/* 4.2.1, 4.2.2 */
static gboolean
take_option (PhImapParser *parser,
             Metadata     *metadata)
{
  static const char *const names[] = { "MAXSIZE", "DEPTH" };
  static const char *const depths[] = { "0", "1", "infinity" };
  guint                    index;
  guint                    depth;

  if (!ph_imap_parser_take_word_of (parser, names, G_N_ELEMENTS (names), &index, "Unknown option") || !ph_imap_parser_take_space (parser))
    return FALSE;
  if (index == 0)
    return ph_imap_parser_take_number (parser, G_MAXUINT32, &metadata->size_max);
  if (!ph_imap_parser_take_word_of (parser, depths, G_N_ELEMENTS (depths), &depth, "The depth is 0, 1 or infinity"))
    return FALSE;
  metadata->depth = depth == 2 ? G_MAXUINT : depth;

  return TRUE;
}

/* The grammar has them before the mailbox, the examples behind it: both, once (erratum 3868). */
static gboolean
take_options (PhImapParser *parser,
              Metadata     *metadata)
{
  gsize next = parser->position + 1;

  if (ph_imap_parser_peek (parser) != '(' || next >= parser->length || !g_ascii_isalpha (parser->data[next]))
    return TRUE;

  parser->position = next;
  do
    {
      if (!take_option (parser, metadata))
        return FALSE;
    }
  while (ph_imap_parser_skip_char (parser, ' '));

  return ph_imap_parser_take_char (parser, ')') && ph_imap_parser_take_space (parser);
}

static gboolean
take_entries (PhImapParser *parser,
              Metadata     *metadata)
{
  gboolean listed = ph_imap_parser_skip_char (parser, '(');

  do
    {
      char *entry = NULL;

      if (!take_entry (parser, FALSE, &entry))
        {
          g_free (entry);
          return FALSE;
        }
      g_ptr_array_add (metadata->entries, entry);
      if (metadata->entries->len > ENTRIES_MAX)
        return ph_imap_parser_fail (parser, "Too many entries");
    }
  while (ph_imap_parser_skip_char (parser, ' '));

  return !listed || ph_imap_parser_take_char (parser, ')');
}

static void
append_entry (GString    *line,
              const char *entry)
{
  g_auto (PhBuffer) buffer = { 0 };
  const char *c = entry;

  while (*c != '\0' && (ph_imap_is_atom_char ((guint8)*c) || *c == ']'))
    c++;
  if (*c == '\0')
    {
      g_string_append (line, entry);
      return;
    }
  ph_mime_format_string (entry, strlen (entry), &buffer);
  g_string_append_len (line, (const char *)ph_buffer_get_data (&buffer), (gssize)ph_buffer_get_length (&buffer));
}

static void
append_value (GString *line,
              GBytes  *value)
{
  g_auto (PhBuffer) buffer = { 0 };
  gsize       length;
  const char *data = g_bytes_get_data (value, &length);

  if (length > 0 && memchr (data, 0, length) != NULL)
    {
      g_string_append_printf (line, "~{%" G_GSIZE_FORMAT "}\r\n", length);
      g_string_append_len (line, data, (gssize)length);
      return;
    }
  ph_mime_format_string (length > 0 ? data : "", length, &buffer);
  g_string_append_len (line, (const char *)ph_buffer_get_data (&buffer), (gssize)ph_buffer_get_length (&buffer));
}

void
ph_imap_metadata_begin_line (PhImapSession *self,
                             const char    *name,
                             GString       *line)
{
  g_string_assign (line, "* METADATA ");
  if (name == NULL)
    g_string_append (line, "\"\"");
  else
    ph_imap_append_mailbox (line, name, ph_imap_session_has_utf8 (self));
}

/* TRUE for `entry` itself and what is not deeper than that below it. */
static gboolean
is_within (const char *found,
           const char *entry,
           guint       depth)
{
  gsize length = strlen (entry);

  if (g_ascii_strncasecmp (found, entry, length) != 0)
    return FALSE;
  if (found[length] == '\0')
    return TRUE;

  return found[length] == '/' && count_components (found + length) <= depth;
}

typedef struct
{
  GString *line;
  gsize    empty;   /* its length before the first value */
  guint64  longest; /* of what was left out; 0: nothing */
} Answer;

static void
tell_entry (Answer     *answer,
            const char *entry,
            GBytes     *value)
{
  g_string_append (answer->line, answer->line->len == answer->empty ? " (" : " ");
  append_entry (answer->line, entry);
  g_string_append_c (answer->line, ' ');
  if (value != NULL)
    append_value (answer->line, value);
  else
    g_string_append (answer->line, "NIL");
}

static void
tell_named (const Metadata *metadata,
            const char     *entry,
            GPtrArray      *found,
            gboolean       *told,
            Answer         *answer)
{
  gboolean any = FALSE;

  for (guint i = 0; i < found->len; i++)
    {
      const PhAnnotation *annotation = g_ptr_array_index (found, i);
      gsize               size = g_bytes_get_size (annotation->value);

      if (!is_within (annotation->entry, entry, metadata->depth))
        continue;
      any = TRUE;
      if (told[i])
        continue;
      told[i] = TRUE;
      if (size > metadata->size_max)
        answer->longest = MAX (answer->longest, size);
      else
        tell_entry (answer, annotation->entry, annotation->value);
    }
  if (!any)
    tell_entry (answer, entry, NULL);
}

static void
on_loaded (GObject      *source,
           GAsyncResult *result,
           gpointer      user_data)
{
  g_autoptr (PhImapSession) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) found = ph_account_store_load_annotations_finish (PH_ACCOUNT_STORE (source), result, &error);
  g_autoptr (GString) line = g_string_new (NULL);
  g_autofree gboolean *told = NULL;
  g_autofree char     *code = NULL;
  const Metadata      *metadata = self->work;
  Answer               answer = { .line = line };

  if (!ph_imap_session_is_waiting (self))
    return;
  if (found == NULL)
    {
      ph_imap_session_fail (self, error);
      return;
    }

  told = g_new0 (gboolean, found->len + 1);
  ph_imap_metadata_begin_line (self, metadata->name, line);
  answer.empty = line->len;
  for (guint i = 0; i < metadata->entries->len; i++)
    tell_named (metadata, g_ptr_array_index (metadata->entries, i), found, told, &answer);
  if (line->len > answer.empty)
    {
      g_string_append (line, ")\r\n");
      ph_imap_session_send (line->str, line->len, self);
    }
  if (answer.longest > 0)
    code = g_strdup_printf ("METADATA LONGENTRIES %" G_GUINT64_FORMAT, answer.longest);
  ph_imap_session_ok (self, code, "Annotations told");
}

void
ph_imap_command_getmetadata (PhImapSession *self,
                             PhImapParser  *arguments)
{
  Metadata *metadata = metadata_new ();
  gboolean  possible = FALSE;

  if (ph_imap_parser_take_space (arguments) && take_options (arguments, metadata) && take_place (arguments, metadata, &possible) && ph_imap_parser_take_space (arguments) && take_options (arguments, metadata))
    take_entries (arguments, metadata);
  if (!ph_imap_session_end_arguments (self, arguments))
    {
      metadata_free (metadata);
      return;
    }
  if (!possible)
    {
      metadata_free (metadata);
      ph_imap_session_no (self, "NONEXISTENT", "No such mailbox");
      return;
    }

  ph_imap_session_wait (self, metadata, metadata_free);
  ph_account_store_load_annotations_async (self->account_store, metadata->name, self->cancellable, on_loaded, g_object_ref (self));
}

static gboolean
take_pair (PhImapParser *parser,
           Metadata     *metadata)
{
  g_autofree char *entry = NULL;
  g_autoptr (GBytes) value = NULL;

  if (!take_entry (parser, TRUE, &entry) || !ph_imap_parser_take_space (parser) || !ph_imap_parser_take_octets (parser, &value))
    return FALSE;
  g_ptr_array_add (metadata->wanted, ph_annotation_new (entry, value));

  return metadata->wanted->len <= ENTRIES_MAX || ph_imap_parser_fail (parser, "Too many entries");
}

static gboolean
take_pairs (PhImapParser *parser,
            Metadata     *metadata)
{
  if (!ph_imap_parser_take_char (parser, '('))
    return FALSE;

  do
    {
      if (!take_pair (parser, metadata))
        return FALSE;
    }
  while (ph_imap_parser_skip_char (parser, ' '));

  return ph_imap_parser_take_char (parser, ')');
}

void
ph_imap_metadata_refuse_size (PhImapSession *self)
{
  ph_imap_session_no (self, "METADATA MAXSIZE " G_STRINGIFY (PH_IMAP_METADATA_SIZE_MAX), "The value is too long");
}

/* Answers NO and is FALSE where one of them can't be; then none is set (4.3). */
static gboolean
check_wanted (PhImapSession  *self,
              const Metadata *metadata)
{
  for (guint i = 0; i < metadata->wanted->len; i++)
    {
      const PhAnnotation *annotation = g_ptr_array_index (metadata->wanted, i);

      if (annotation->value != NULL && g_bytes_get_size (annotation->value) > PH_IMAP_METADATA_SIZE_MAX)
        {
          ph_imap_metadata_refuse_size (self);
          return FALSE;
        }
      /* 3.2.1.1 */
      if (metadata->name == NULL && g_ascii_strcasecmp (annotation->entry, "/shared/admin") == 0)
        {
          ph_imap_session_no (self, "NOPERM", "That is for whoever runs the server");
          return FALSE;
        }
    }

  return TRUE;
}

static void
on_set (GObject      *source,
        GAsyncResult *result,
        gpointer      user_data)
{
  g_autoptr (PhImapSession) self = user_data;
  g_autoptr (GError) error = NULL;
  gboolean set = ph_account_store_finish (PH_ACCOUNT_STORE (source), result, &error);

  if (!ph_imap_session_is_waiting (self))
    return;

  if (set)
    ph_imap_session_ok (self, NULL, "Annotations set");
  else if (g_error_matches (error, PH_STORE_ERROR, PH_STORE_ERROR_OVER_QUOTA))
    ph_imap_session_no (self, "METADATA TOOMANY", "There are too many annotations");
  else
    ph_imap_session_fail (self, error);
}

void
ph_imap_command_setmetadata (PhImapSession *self,
                             PhImapParser  *arguments)
{
  Metadata *metadata = metadata_new ();
  gboolean  possible = FALSE;

  if (ph_imap_parser_take_space (arguments) && take_place (arguments, metadata, &possible) && ph_imap_parser_take_space (arguments))
    take_pairs (arguments, metadata);
  if (!ph_imap_session_end_arguments (self, arguments) || !check_wanted (self, metadata))
    {
      metadata_free (metadata);
      return;
    }
  if (!possible)
    {
      metadata_free (metadata);
      ph_imap_session_no (self, "NONEXISTENT", "No such mailbox");
      return;
    }

  ph_imap_session_wait (self, metadata, metadata_free);
  ph_account_store_set_annotations_async (self->account_store, metadata->name, metadata->wanted, self->cancellable, on_set, g_object_ref (self));
}

gboolean
ph_imap_metadata_is_own (PhImapSession   *self,
                         const GPtrArray *annotations)
{
  return self->command != NULL && self->command->run == ph_imap_command_setmetadata && self->work != NULL && ((const Metadata *)self->work)->wanted == annotations;
}

void
ph_imap_metadata_append_entry (GString    *line,
                               const char *entry)
{
  g_string_append_c (line, ' ');
  append_entry (line, entry);
}
