#include "ph-encoded-word.h"

#include <string.h>

#include "../note.h"
#include "ph-charset.h"

static void
test_decode (void)
{
  static const struct
  {
    const char *raw, *text;
  } rows[] = {
    { "", "" },
    { "plain", "plain" },
    { "  two  words \r\n", "two  words" },
    { "a\r\n b\n\tc", "a b c" },
    /* RFC 2047 8 */
    { "=?ISO-8859-1?Q?a?=", "a" },
    { "=?ISO-8859-1?Q?a?= b", "a b" },
    { "=?ISO-8859-1?Q?a?= =?ISO-8859-1?Q?b?=", "ab" },
    { "=?ISO-8859-1?Q?a?=  \r\n\t=?ISO-8859-1?Q?b?=", "ab" },
    { "=?ISO-8859-1?Q?a_b?=", "a b" },
    { "=?ISO-8859-1?Q?a?= =?ISO-8859-2?Q?_b?=", "a b" },
    { "=?US-ASCII?Q?Keith_Moore?=", "Keith Moore" },
    { "=?ISO-8859-1?Q?Keld_J=F8rn_Simonsen?=", "Keld J\303\270rn Simonsen" },
    { "=?ISO-8859-1?B?SWYgeW91IGNhbiByZWFkIHRoaXMgeW8=?=\r\n =?ISO-8859-2?B?dSB1bmRlcnN0YW5kIHRoZSBleGFtcGxlLg==?=",
      "If you can read this you understand the example." },
    { "=?iso-8859-8?b?7eXs+SDv4SDs6Oj08A==?=", "\327\235\327\225\327\234\327\251 \327\237\327\221 \327\234\327\230\327\230\327\244\327\240" },
    { "=?iso-2022-jp?b?GyRCRnxLXBsoQg==?=", "\346\227\245\346\234\254" },
    { "=?gb2312?b?1tC5+g==?=", "\344\270\255\345\233\275" },
    { "=?utf-8*en?q?x?=", "x" },
    { "=?utf-8?q?=C3?= =?utf-8?q?=BC?=", "\303\274" },
    { "=?utf-8?b?ww==?= =?UTF-8?b?vA==?=", "\303\274" },
    { "=?utf-8?q?=C3?= x =?utf-8?q?=BC?=", "\357\277\275 x \357\277\275" },
    { "a=?utf-8?q?=C3=BC?=b", "a\303\274b" },
    { "=?utf-8?q?a b?=", "a b" },
    { "=?utf-8?q?"
      "?=",
      "" },
    { "=?utf-8?q?=0D=0AX:_y=00?=", "  X: y\357\277\275" },
    { "=?utf-8?q?=4?= =?utf-8?q?=?=", "=4=" },
    { "=?windows-1252?q?=80?= =?iso-8859-1?q?=93?=", "\342\202\254\342\200\234" },
    { "=?nonsense?q?=C3=BC?= =?../../x?q?=FC?=", "\303\274 =?../../x?q?=FC?=" },
    { "=?unknown?q?=FC?=", "\303\274" },
    /* none */
    { "=?", "=?" },
    { "=?=", "=?=" },
    { "=??q?x?=", "=??q?x?=" },
    { "=?utf-8?x?x?=", "=?utf-8?x?x?=" },
    { "=?utf-8?q?x?", "=?utf-8?q?x?" },
    { "=?utf-8?q?x", "=?utf-8?q?x" },
    { "=?utf-8?q?x=", "=?utf-8?q?x=" },
    { "=?=?utf-8?q?x?=", "=?x" },
    { "=?utf-8?q?a?b?=", "=?utf-8?q?a?b?=" },
    /* 8-bit */
    { "\303\274", "\303\274" },
    { "\374", "\303\274" },
    { "a\001b\177c", "a b c" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *text = ph_encoded_word_decode (rows[i].raw, strlen (rows[i].raw));

      note (rows[i].raw);
      g_assert_cmpstr (text, ==, rows[i].text);
    }
}

/* V12 */
static void
test_cut (void)
{
  static const char raw[] = "a =?utf-8?q?=C3=BC?= =?iso-2022-jp?b?GyRCRnxLXBsoQg==?= \303\274";

  for (gsize length = 0; length < sizeof raw; length++)
    {
      g_autofree char *slice = g_memdup2 (raw, MAX (length, 1));
      g_autofree char *text = ph_encoded_word_decode (slice, length);

      g_assert_true (g_utf8_validate (text, -1, NULL));
    }
}

/* V07: a megabyte of words, or of what almost is one. */
static void
test_bombs (void)
{
  static const char *const patterns[] = { "=?utf-8?q?x?= ", "=?utf-8?q?", "=?", "=?a", "=", "=?iso-8859-1?q?x?= =?koi8-r?q?x?= ", "=?utf-7?q?+-?=" };

  for (gsize i = 0; i < G_N_ELEMENTS (patterns); i++)
    {
      g_autoptr (GString) raw = g_string_new (NULL);
      g_autofree char *text = NULL;

      while (raw->len < 1000000)
        g_string_append (raw, patterns[i]);
      text = ph_encoded_word_decode (raw->str, raw->len);
      g_assert_true (g_utf8_validate (text, -1, NULL));
      g_assert_cmpuint (strlen (text), <=, 3 * raw->len);
    }
}

static void
check_encoded (const char *encoded,
               gsize       column,
               const char *text)
{
  g_autofree char *decoded = ph_encoded_word_decode (encoded, strlen (encoded));
  g_auto (GStrv) lines = g_strsplit (encoded, "\r\n", -1);

  g_assert_true (g_str_is_ascii (encoded));
  g_assert_cmpstr (decoded, ==, text);
  for (guint i = 0; lines[i] != NULL; i++)
    {
      g_assert_null (strpbrk (lines[i], "\r\n"));
      g_assert_cmpuint (strlen (lines[i]) + (i == 0 ? column : 0), <=, 76);
      if (i > 0)
        g_assert_cmpint (lines[i][0], ==, ' ');
    }
}

static void
test_encode_text (void)
{
  static const char *const texts[] = {
    "", "plain", "gr\303\274n", "\344\270\255\345\233\275", "a =?utf-8?q?x?= b", "gr\303\274n und noch sehr viel mehr Text, der in keine einzige Zeile passt, auch nicht in zwei davon, weil er so lang ist",
    "\344\270\255\345\233\275\344\270\255\345\233\275\344\270\255\345\233\275\344\270\255\345\233\275\344\270\255\345\233\275\344\270\255\345\233\275\344\270\255\345\233\275\344\270\255\345\233\275\344\270\255\345\233\275\344\270\255\345\233\275",
    "plain text that is too long for one line of seventy-six characters and so must be folded somewhere", "\360\237\230\200 smile"
  };

  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    for (gsize column = 0; column < 76; column += 9)
      {
        g_autofree char *encoded = ph_encoded_word_encode_text (texts[i], column);

        if (i == 1 && column == 0)
          g_assert_cmpstr (encoded, ==, "plain");
        if (strlen (texts[i]) > 0 && strlen (texts[i]) < 10 && column > 66)
          continue; /* one word can't be folded */
        check_encoded (encoded, i == 7 && column > 60 ? 60 : column, texts[i]);
      }
}

/* V14 */
static void
test_encode_hostile (void)
{
  g_autofree char *injected = ph_encoded_word_encode_text ("a\r\nX: y\001", 0);
  g_autofree char *invalid = ph_encoded_word_encode_text ("\377", 0);
  g_autofree char *decoded = ph_encoded_word_decode (invalid, strlen (invalid));
  g_autofree char *long_word = g_strnfill (5000, 'x');
  g_autofree char *folded = ph_encoded_word_encode_text (long_word, 9);

  g_assert_cmpstr (injected, ==, "a  X: y");
  g_assert_cmpstr (decoded, ==, "\357\277\275");
  check_encoded (folded, 9, long_word);
}

static void
test_encode_phrase (void)
{
  static const struct
  {
    const char *text, *encoded;
  } rows[] = {
    { "Bob", "Bob" },
    { "Bob Smith", "Bob Smith" },
    { "Bob  Smith", "\"Bob  Smith\"" },
    { "Smith, Bob", "\"Smith, Bob\"" },
    { "a\"b\\c", "\"a\\\"b\\\\c\"" },
    { "Q. Bob", "\"Q. Bob\"" },
    { "", "\"\"" },
    { "a\r\nb", "\"a  b\"" },
    { "B\303\266b", "=?UTF-8?Q?B=C3=B6b?=" },
    { "B\303\266b (x)", "=?UTF-8?B?QsO2YiAoeCk=?=" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *encoded = ph_encoded_word_encode_phrase (rows[i].text, 6);

      g_assert_cmpstr (encoded, ==, rows[i].encoded);
    }
}

static void
test_charset (void)
{
  static const struct
  {
    const char *charset, *data, *text;
  } rows[] = {
    { NULL, "a", "a" },
    { NULL, "\303\274", "\303\274" },
    { NULL, "\374", "\303\274" },
    { "us-ascii", "\374", "\303\274" },
    { "UTF-8", "\374", "\357\277\275" },
    { "utf-8", "a\303", "a\357\277\275" },
    { "iso-8859-1", "\374", "\303\274" },
    { "KOI8-R", "\304", "\320\264" },
    { "euc-jp", "\306\374", "\346\227\245" },
    { "euc-jp", "\306", "\357\277\275" },
    { "euc-jp", "a\377b", "a\357\277\275b" },
    { "utf-7", "+ZeVnLIqe-", "\346\227\245\346\234\254\350\252\236" },
    { "//TRANSLIT", "a", "a" },
    { "IBM1047", "a", "a" },
    { "", "a", "a" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *text = ph_charset_to_utf8 (rows[i].charset, (const guint8 *)rows[i].data, strlen (rows[i].data));

      note (rows[i].charset);
      g_assert_cmpstr (text, ==, rows[i].text);
    }

  g_assert_true (ph_charset_is_known ("Utf-8"));
  g_assert_false (ph_charset_is_known ("x-nonsense"));
}

/* Every charset of the table is one that iconv here has, and takes anything. */
static void
test_all_charsets (void)
{
  static const char *const names[] = {
    "iso-8859-1", "iso-8859-2", "iso-8859-3", "iso-8859-4", "iso-8859-5", "iso-8859-6", "iso-8859-7", "iso-8859-8", "iso-8859-9", "iso-8859-10",
    "iso-8859-11", "iso-8859-13", "iso-8859-14", "iso-8859-15", "iso-8859-16", "windows-874", "windows-1250", "windows-1251", "windows-1252",
    "windows-1253", "windows-1254", "windows-1255", "windows-1256", "windows-1257", "windows-1258", "cp437", "cp850", "cp852", "cp866", "koi8-r",
    "koi8-u", "macintosh", "shift_jis", "euc-jp", "iso-2022-jp", "euc-kr", "iso-2022-kr", "gb2312", "gbk", "gb18030", "big5", "utf-7", "utf-16", "utf-16be",
    "utf-16le", "utf-32"
  };
  guint8 all[768];

  for (gsize i = 0; i < sizeof all; i++)
    all[i] = (guint8)(i * 7 + i / 256);

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    for (gsize length = 0; length <= sizeof all; length += 31)
      {
        g_autofree guint8 *slice = g_memdup2 (all, MAX (length, 1));
        g_autofree char   *text = ph_charset_to_utf8 (names[i], slice, length);

        g_assert_true (ph_charset_is_known (names[i]));
        g_assert_true (g_utf8_validate (text, -1, NULL));
      }
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/mail/encoded-word/decode", test_decode);
  g_test_add_func ("/mail/encoded-word/cut", test_cut);
  g_test_add_func ("/mail/encoded-word/bombs", test_bombs);
  g_test_add_func ("/mail/encoded-word/encode-text", test_encode_text);
  g_test_add_func ("/mail/encoded-word/encode-hostile", test_encode_hostile);
  g_test_add_func ("/mail/encoded-word/encode-phrase", test_encode_phrase);
  g_test_add_func ("/mail/encoded-word/charset", test_charset);
  g_test_add_func ("/mail/encoded-word/all-charsets", test_all_charsets);

  return g_test_run ();
}
