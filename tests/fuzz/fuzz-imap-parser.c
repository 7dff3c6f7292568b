/* The reader that gathers IMAP commands with their literals, and the grammar that reads them
 * (I22, I23, V05).  Whole and byte by byte the reader sees the same commands. */

#include "ph-imap-parser.h"
#include "ph-imap-reader.h"

#include "fuzz-target.h"

/* Everything that the parser knows, tried at the start of what is left; stops where nothing fits. */
static void
parse (const void *data,
       gsize       length)
{
  PhImapParser parser;

  ph_imap_parser_init (&parser, data, length);
  for (gsize before = G_MAXSIZE; !ph_imap_parser_at_end (&parser) && parser.position != before;)
    {
      g_autofree char *tag = NULL, *atom = NULL, *string = NULL, *pattern = NULL, *mailbox = NULL, *nstring = NULL;
      guint64          number;
      gint32           day;

      before = parser.position;
      ph_imap_parser_skip_char (&parser, ' ');
      ph_imap_parser_take_mailbox (&parser, &mailbox);
      ph_imap_parser_skip_char (&parser, ' ');
      ph_imap_parser_take_pattern (&parser, &pattern);
      ph_imap_parser_skip_char (&parser, ' ');
      ph_imap_parser_take_number (&parser, G_MAXUINT32, &number);
      ph_imap_parser_take_date (&parser, &day);
      ph_imap_parser_take_astring (&parser, &string);
      ph_imap_parser_skip_char (&parser, '(');
      ph_imap_parser_take_nstring (&parser, &nstring);
      ph_imap_parser_take_tag (&parser, &tag);
      ph_imap_parser_take_atom (&parser, &atom);
      ph_imap_parser_skip_char (&parser, ')');
      g_assert_cmpuint (parser.position, <=, length);
    }
}

/* What the reader saw, as text; literals are accepted where they may be. */
static GString *
read_all (const uint8_t *data,
          size_t         size,
          gsize          piece)
{
  GString     *seen = g_string_new (NULL);
  PhImapReader reader;

  ph_imap_reader_init (&reader);
  reader.command_max = 2000;
  reader.line_max = 500;
  reader.literal_max = 400;
  for (gsize from = 0, to = MIN (piece, size); from < size;)
    {
      PhImapReaderEvent event;
      gsize             taken = ph_imap_reader_feed (&reader, data + from, to - from, &event);

      g_assert_cmpuint (taken, <=, to - from);
      from += taken;
      g_string_append_c (seen, event == PH_IMAP_READER_MORE ? '\0' : "MLTO"[event]);
      if (seen->str[seen->len - 1] == '\0')
        g_string_truncate (seen, seen->len - 1);
      if (event == PH_IMAP_READER_LINE)
        {
          parse (ph_buffer_get_data (&reader.text), ph_buffer_get_length (&reader.text));
          g_string_append_len (seen, (const char *)ph_buffer_get_data (&reader.text), (gssize)ph_buffer_get_length (&reader.text));
          g_assert_cmpuint (ph_buffer_get_length (&reader.text), <=, 2600);
          ph_imap_reader_reset (&reader);
        }
      else if (event == PH_IMAP_READER_LITERAL && ph_imap_reader_may_accept (&reader))
        ph_imap_reader_accept (&reader);
      else if (event == PH_IMAP_READER_LITERAL)
        ph_imap_reader_refuse (&reader);
      else if (taken == 0 && to == size)
        break;
      to = MIN (MAX (to, from) + (event == PH_IMAP_READER_MORE ? piece : 0), size);
    }
  ph_imap_reader_clear (&reader);

  return seen;
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autoptr (GString) whole = read_all (data, size, size);
  g_autoptr (GString) bytewise = read_all (data, size, 1);

  g_assert_true (g_string_equal (whole, bytewise));
  parse (data, size);

  return 0;
}
