#include "ph-maildir-name.h"

#include <string.h>
#include <unistd.h>

#define LETTERS_MAX 64

static const struct
{
  char    letter;
  PhFlags flag;
} flag_letters[] = {
  { 'D', PH_FLAG_DRAFT },
  { 'F', PH_FLAG_FLAGGED },
  { 'R', PH_FLAG_ANSWERED },
  { 'S', PH_FLAG_SEEN },
  { 'T', PH_FLAG_DELETED },
};

/* Digits only, without overflow; -1 otherwise. */
static gint64
parse_number (const char *text,
              gsize       length)
{
  gint64 number = 0;

  if (length == 0 || length > 18)
    return -1;

  for (gsize i = 0; i < length; i++)
    {
      if (!g_ascii_isdigit (text[i]))
        return -1;
      number = number * 10 + (text[i] - '0');
    }

  return number;
}

static void
parse_sizes (PhMaildirName *parsed)
{
  const char *end = parsed->base + parsed->base_length;
  const char *field = memchr (parsed->base, ',', parsed->base_length);

  while (field != NULL)
    {
      const char *next = memchr (field + 1, ',', (gsize)(end - field - 1));
      const char *stop = next != NULL ? next : end;

      if (stop - field > 3 && field[2] == '=')
        {
          gint64 number = parse_number (field + 3, (gsize)(stop - field - 3));

          if (field[1] == 'S')
            parsed->size = number;
          else if (field[1] == 'W')
            parsed->virtual_size = number;
        }
      field = next;
    }
}

gboolean
ph_maildir_name_parse (const char    *name,
                       PhMaildirName *parsed)
{
  gsize       length = strlen (name);
  gsize       digits;
  const char *info;

  *parsed = (PhMaildirName){ .size = -1, .virtual_size = -1 };
  if (length == 0 || length > 255 || name[0] == '.' || memchr (name, '/', length) != NULL)
    return FALSE;

  info = strstr (name, ":2,");
  parsed->base = name;
  parsed->base_length = info != NULL ? (gsize)(info - name) : length;
  parsed->has_info = info != NULL;
  parsed->letters = info != NULL ? info + 3 : name + length;
  if (parsed->base_length == 0)
    return FALSE;

  digits = strspn (name, "0123456789");
  parsed->time = MAX (parse_number (name, MIN (digits, parsed->base_length)), 0);
  parse_sizes (parsed);

  return TRUE;
}

PhFlags
ph_maildir_flags_from_letters (const char *letters)
{
  PhFlags flags = 0;

  for (guint i = 0; i < G_N_ELEMENTS (flag_letters); i++)
    if (strchr (letters, flag_letters[i].letter) != NULL)
      flags |= flag_letters[i].flag;

  return flags;
}

static PhFlags
flag_of_letter (char letter)
{
  for (guint i = 0; i < G_N_ELEMENTS (flag_letters); i++)
    if (flag_letters[i].letter == letter)
      return flag_letters[i].flag;

  return 0;
}

guint64
ph_maildir_keywords_from_letters (const char *letters,
                                  guint       n_keywords)
{
  guint64 keywords = 0;

  for (const char *p = letters; *p != '\0'; p++)
    if (g_ascii_islower (*p) && (guint)(*p - 'a') < n_keywords)
      keywords |= G_GUINT64_CONSTANT (1) << (*p - 'a');

  return keywords;
}

char *
ph_maildir_letters_from_flags (PhFlags     flags,
                               guint64     keywords,
                               guint       n_keywords,
                               const char *others)
{
  gboolean present[128] = { FALSE };
  char     letters[LETTERS_MAX + 1];
  guint    n = 0;

  for (const char *p = others; *p != '\0'; p++)
    if (g_ascii_isalpha (*p) && flag_of_letter (*p) == 0 && !(g_ascii_islower (*p) && (guint)(*p - 'a') < n_keywords))
      present[(guchar)*p] = TRUE;
  for (guint i = 0; i < G_N_ELEMENTS (flag_letters); i++)
    if ((flags & flag_letters[i].flag) != 0)
      present[(guchar)flag_letters[i].letter] = TRUE;

  for (guint i = 0; i < n_keywords; i++)
    if ((keywords & (G_GUINT64_CONSTANT (1) << i)) != 0)
      present['a' + i] = TRUE;

  for (guint c = 0; c < G_N_ELEMENTS (present) && n < LETTERS_MAX; c++)
    if (present[c])
      letters[n++] = (char)c;
  letters[n] = '\0';

  return g_strdup (letters);
}

char *
ph_maildir_name_new (gint64  now,
                     guint64 size,
                     guint64 virtual_size)
{
  static gint counter; /* atomic; so that two threads in one microsecond differ */

  return g_strdup_printf ("%" G_GINT64_FORMAT ".M%06dP%dQ%d.posthouse,S=%" G_GUINT64_FORMAT ",W=%" G_GUINT64_FORMAT,
                          now / G_USEC_PER_SEC, (int)(now % G_USEC_PER_SEC), (int)getpid (), g_atomic_int_add (&counter, 1), size, virtual_size);
}

char *
ph_maildir_name_new_for_record (gint64  seconds,
                                guint64 record,
                                guint64 size,
                                guint64 virtual_size)
{
  return g_strdup_printf ("%" G_GINT64_FORMAT ".R%016" G_GINT64_MODIFIER "x.posthouse,S=%" G_GUINT64_FORMAT ",W=%" G_GUINT64_FORMAT, seconds, record, size, virtual_size);
}
