#include "ph-imap-transcript.h"

#include "ph-imap-parser.h"

#include <glib/gi18n-lib.h>
#include <string.h>

/* How far in a line that is no command such a word is looked for. */
#define WORD_SEARCH_MAX 64

static gboolean
is_login (const char *word)
{
  return g_ascii_strcasecmp (word, "LOGIN") == 0 || g_ascii_strcasecmp (word, "AUTHENTICATE") == 0;
}

/* "tag LOGIN …" where the parser does not see it: after stray blanks, without a tag. */
static gsize
find_word (const guint8 *command,
           gsize         length,
           const char   *word)
{
  gsize n = strlen (word);

  for (gsize i = 0; i + n <= length; i++)
    if (g_ascii_strncasecmp ((const char *)command + i, word, n) == 0)
      return i + n;

  return length;
}

static gsize
find_in_login (PhImapParser *parser,
               gsize         after_name)
{
  g_autofree char *name = NULL;

  if (!ph_imap_parser_take_space (parser) || !ph_imap_parser_take_astring (parser, &name))
    {
      /* A name that is still to come as a literal is no secret, a broken one may be. */
      gsize brace = after_name + 1;

      return brace < parser->length && parser->data[brace] == '{' ? parser->length : after_name;
    }

  /* One without a name, or somebody who forgot the name. */
  if (parser->position >= parser->length || parser->data[parser->position] != ' ')
    return after_name + 1;

  return MIN (parser->position + 1, parser->length);
}

static gsize
find_in_authenticate (PhImapParser *parser,
                      gsize         after_name)
{
  g_autofree char *mechanism = NULL;

  if (!ph_imap_parser_take_space (parser) || !ph_imap_parser_take_atom (parser, &mechanism))
    return after_name;

  return MIN (parser->position + 1, parser->length);
}

gsize
ph_imap_transcript_find_secret (const guint8 *command,
                                gsize         length,
                                gboolean      suspect)
{
  g_autofree char *tag = NULL;
  g_autofree char *name = NULL;
  PhImapParser     parser;
  gsize            secret;

  ph_imap_parser_init (&parser, command, length);
  if (ph_imap_parser_take_tag (&parser, &tag) && ph_imap_parser_take_space (&parser) && ph_imap_parser_take_atom (&parser, &name))
    {
      if (g_ascii_strcasecmp (name, "LOGIN") == 0)
        return find_in_login (&parser, parser.position);
      if (g_ascii_strcasecmp (name, "AUTHENTICATE") == 0)
        return find_in_authenticate (&parser, parser.position);
    }

  /* Somebody who forgot the tag, or has a blank too many. */
  if (name == NULL || is_login (tag) || g_ascii_strcasecmp (name, "UID") == 0)
    {
      gsize n = MIN (length, WORD_SEARCH_MAX);

      secret = MIN (find_word (command, n, "LOGIN"), find_word (command, n, "AUTHENTICATE"));
      if (secret < n)
        return secret;
    }

  return suspect ? 0 : length;
}

void
ph_imap_transcript_add_secret (PhJournalSession *journal)
{
  if (journal != NULL)
    ph_journal_session_add_masked (journal, PH_JOURNAL_CLIENT, "*", 1, 0, 1);
}

void
ph_imap_transcript_add_line (PhJournalSession *journal,
                             const guint8     *command,
                             gsize             length,
                             gsize             line_start,
                             gboolean          suspect)
{
  gsize end = length;
  gsize secret;

  if (journal == NULL || (line_start > 0 && line_start == length))
    return;

  if (end > line_start && command[end - 1] == '\n')
    end--;
  if (end > line_start && command[end - 1] == '\r')
    end--;

  secret = ph_imap_transcript_find_secret (command, length, suspect);
  if (secret >= end)
    ph_journal_session_add (journal, PH_JOURNAL_CLIENT, command + line_start, end - line_start);
  else if (secret <= line_start)
    ph_imap_transcript_add_secret (journal);
  else
    ph_journal_session_add_masked (journal, PH_JOURNAL_CLIENT,
                                   command + line_start, end - line_start,
                                   secret - line_start, end - secret);
}

void
ph_imap_transcript_add_literal (PhJournalSession *journal,
                                const guint8     *command,
                                gsize             length,
                                guint64           size)
{
  if (journal == NULL)
    return;

  if (ph_imap_transcript_find_secret (command, length, FALSE) < length)
    ph_imap_transcript_add_secret (journal);
  else
    ph_journal_session_add_folded (journal, PH_JOURNAL_CLIENT, N_ ("literal"), size);
}
