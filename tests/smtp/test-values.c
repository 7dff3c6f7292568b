#include "ph-smtp-parameters.h"
#include "ph-smtp-reply-parser.h"
#include "ph-smtp-xtext.h"

#include <string.h>

static const struct
{
  const char *text;
  gboolean    utf8;
  const char *decoded; /* NULL: refused */
} xtexts[] = {
  { "", FALSE, "" },
  { "bob@example.org", FALSE, "bob@example.org" },
  { "a+2Bb+3Dc", FALSE, "a+b=c" },
  { "a+20b", FALSE, "a b" },
  { "a+0Ab", FALSE, NULL }, /* V14 */
  { "a+0D+0AX", FALSE, NULL },
  { "a+00", FALSE, NULL },
  { "a+7F", FALSE, NULL },
  { "a+2", FALSE, NULL },
  { "a+", FALSE, NULL },
  { "a+2b", FALSE, NULL }, /* lower case */
  { "a=b", FALSE, NULL },
  { "a b", FALSE, NULL },
  { "+C3+BC", FALSE, NULL },
  { "+C3+BC", TRUE, "ü" },
  { "ü", FALSE, NULL },
  { "ü", TRUE, "ü" },
  { "+C3", TRUE, NULL },
};

static void
test_xtext (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (xtexts); i++)
    {
      g_autofree char *decoded = ph_smtp_xtext_decode (xtexts[i].text, strlen (xtexts[i].text), xtexts[i].utf8);
      g_autofree char *encoded = decoded != NULL ? ph_smtp_xtext_encode (decoded, xtexts[i].utf8) : NULL;
      g_autofree char *again = encoded != NULL ? ph_smtp_xtext_decode (encoded, strlen (encoded), xtexts[i].utf8) : NULL;

      g_assert_cmpstr (decoded, ==, xtexts[i].decoded);
      g_assert_cmpstr (again, ==, xtexts[i].decoded);
    }
}

static PhSmtpReply *
note_cb (gpointer    target,
         const char *value,
         gsize       length)
{
  g_string_append_printf (target, "[%.*s]", (int)length, value);

  return strncmp (value, "no", length) == 0 && length == 2 ? ph_smtp_reply_new (550, "5.0.0", "No") : NULL;
}

static const PhSmtpParameter table[] = {
  { "SIZE", TRUE, note_cb },
  { "SMTPUTF8", FALSE, note_cb },
};

static const struct
{
  const char *text;
  guint       code; /* 0: none */
  const char *notes;
} parameters[] = {
  { "", 0, "" },
  { " ", 0, "" },
  { " SIZE=12", 0, "[12]" },
  { "  size=1   smtpUTF8 ", 0, "[1][]" },
  { "SIZE=1", 501, "" },
  { " SIZE", 501, "" },
  { " SIZE=", 501, "" },
  { " SIZE=1=2", 501, "" },
  { " SMTPUTF8=1", 501, "" },
  { " SIZE=1 SIZE=1", 501, "[1]" }, /* S03 */
  { " =1", 501, "" },
  { " -A=1", 501, "" },
  { " SIZ=1", 555, "" },
  { " SIZEE=1", 555, "" },
  { " SIZE=no", 550, "[no]" },
};

static void
test_parameters (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (parameters); i++)
    {
      g_autoptr (GString) notes = g_string_new (NULL);
      g_autoptr (PhSmtpReply) refusal = ph_smtp_parameters_parse (table, G_N_ELEMENTS (table), parameters[i].text, strlen (parameters[i].text), notes);

      g_assert_cmpuint (refusal != NULL ? refusal->code : 0, ==, parameters[i].code);
      g_assert_cmpstr (notes->str, ==, parameters[i].notes);
    }
}

static void
test_reply (void)
{
  g_autoptr (PhSmtpReply) reply = ph_smtp_reply_new (550, "5.1.1", "No\r%s\n\xff", "\x1b[2J");
  g_autoptr (PhSmtpReply) copy = ph_smtp_reply_copy (reply);
  g_autofree char *line = ph_smtp_reply_format (copy);

  g_assert_cmpstr (copy->text, ==, "No??[2J\n\xef\xbf\xbd");
  g_assert_cmpstr (line, ==, "550 5.1.1 No??[2J \xef\xbf\xbd");
}

static const struct
{
  const char *lines;    /* parted by '|' */
  const char *reply;    /* formatted; NULL: invalid at the last line */
  const char *enhanced; /* or NULL */
} replies[] = {
  { "250 OK", "250 OK", NULL },
  { "250", "250 ", NULL },
  { "250-a|250-b|250 c", "250 a b c", NULL },
  { "250-|250 SIZE", "250  SIZE", NULL },
  { "550 5.1.1 Nobody", "550 5.1.1 Nobody", "5.1.1" },
  { "550-5.7.1 Not|550 5.7.1 you", "550 5.7.1 Not you", "5.7.1" },
  { "550 5.1.1", "550 5.1.1 ", "5.1.1" },
  { "550 4.1.1 x", "550 4.1.1 x", NULL },
  { "550 5.1234.1 x", "550 5.1234.1 x", NULL },
  { "550 5.1 x", "550 5.1 x", NULL },
  { "550 5.1.x", "550 5.1.x", NULL },
  { "999 hm", "999 hm", NULL },
  { "250-a|251 b", NULL, NULL },
  { "hello", NULL, NULL },
  { "25", NULL, NULL },
  { "", NULL, NULL },
  { "250x", NULL, NULL },
  { "2500 x", NULL, NULL },
};

/* V16 */
static void
test_reply_parser (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (replies); i++)
    {
      PhSmtpReplyParser parser = { 0 };
      g_auto (GStrv) lines = g_strsplit (replies[i].lines, "|", -1);
      g_autoptr (PhSmtpReply) reply = NULL;
      PhSmtpReplyStep step = PH_SMTP_REPLY_MORE;

      if (lines[0] == NULL)
        step = ph_smtp_reply_parser_take_line (&parser, "", 0, &reply);
      for (guint j = 0; lines[j] != NULL; j++)
        {
          g_assert_cmpint (step, ==, PH_SMTP_REPLY_MORE);
          step = ph_smtp_reply_parser_take_line (&parser, lines[j], strlen (lines[j]), &reply);
        }
      ph_smtp_reply_parser_clear (&parser);

      g_assert_cmpint (step, ==, replies[i].reply != NULL ? PH_SMTP_REPLY_WHOLE : PH_SMTP_REPLY_INVALID);
      if (reply != NULL)
        {
          g_autofree char *line = ph_smtp_reply_format (reply);

          g_assert_cmpstr (line, ==, replies[i].reply);
          g_assert_cmpstr (reply->enhanced, ==, replies[i].enhanced);
        }
    }
}

static void
test_reply_parser_limits (void)
{
  PhSmtpReplyParser parser = { 0 };
  g_autofree char  *line = g_strnfill (PH_SMTP_REPLY_LINE_MAX + 1, 'x');
  g_autoptr (PhSmtpReply) reply = NULL;

  memcpy (line, "250-", 4);
  g_assert_cmpint (ph_smtp_reply_parser_take_line (&parser, line, PH_SMTP_REPLY_LINE_MAX + 1, &reply), ==, PH_SMTP_REPLY_INVALID);
  for (guint i = 0; i < PH_SMTP_REPLY_LINES_MAX; i++)
    g_assert_cmpint (ph_smtp_reply_parser_take_line (&parser, line, PH_SMTP_REPLY_LINE_MAX, &reply), ==, PH_SMTP_REPLY_MORE);
  g_assert_cmpuint (parser.text->len, <, PH_SMTP_REPLY_KEPT_MAX + PH_SMTP_REPLY_LINES_MAX);
  g_assert_cmpint (ph_smtp_reply_parser_take_line (&parser, "250 end", 7, &reply), ==, PH_SMTP_REPLY_INVALID);
  ph_smtp_reply_parser_clear (&parser);

  g_assert_cmpint (ph_smtp_reply_parser_take_line (&parser, "250 a\0b", 7, &reply), ==, PH_SMTP_REPLY_WHOLE);
  g_assert_cmpstr (reply->text, ==, "a?b");
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/smtp/values/xtext", test_xtext);
  g_test_add_func ("/smtp/values/parameters", test_parameters);
  g_test_add_func ("/smtp/values/reply", test_reply);
  g_test_add_func ("/smtp/values/reply-parser", test_reply_parser);
  g_test_add_func ("/smtp/values/reply-parser-limits", test_reply_parser_limits);

  return g_test_run ();
}
