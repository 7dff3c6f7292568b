#include "ph-imap-pattern.h"

#include "ph-folder.h"

#include <string.h>

struct _PhImapPattern
{
  char *text; /* no two wildcards side by side; NULL matches nothing */
  gsize length;
};

PhImapPattern *
ph_imap_pattern_new (const char *utf8)
{
  PhImapPattern *self = g_new0 (PhImapPattern, 1);
  gsize          length = strlen (utf8);

  if (length > PH_IMAP_PATTERN_MAX)
    return self;

  self->text = g_malloc (length + 1);
  for (const char *c = utf8; *c != '\0'; c++)
    {
      gboolean wild = *c == '*' || *c == '%';
      char    *last = self->length > 0 ? &self->text[self->length - 1] : NULL;

      if (wild && last != NULL && (*last == '*' || *last == '%'))
        *last = *c == '*' ? '*' : *last;
      else
        self->text[self->length++] = *c;
    }
  self->text[self->length] = '\0';

  return self;
}

void
ph_imap_pattern_free (PhImapPattern *self)
{
  g_free (self->text);
  g_free (self);
}

gboolean
ph_imap_pattern_ends_at_level (const PhImapPattern *self)
{
  return self->length > 0 && self->text[self->length - 1] == '%';
}

static gboolean
is_wild (char c)
{
  return c == '*' || c == '%';
}

/* One character further.  `places` holds a byte for each position in the pattern,
 * 1 if the name up to here can end there; [*low, *high] is where ones are. */
static gboolean
advance (const PhImapPattern *self,
         guint8              *places,
         gsize               *low,
         gsize               *high,
         char                 c,
         gboolean             any_case)
{
  gsize new_low = self->length + 1;
  gsize new_high = 0;

  /* Downwards, so that what moves up by one is not moved again. */
  for (gsize i = *high + 1; i > *low; i--)
    {
      gsize    place = i - 1;
      char     p = self->text[place];
      gboolean moves = FALSE;
      gsize    to = place;

      if (!places[place])
        continue;
      places[place] = 0;

      if (p == '*' || (p == '%' && c != PH_FOLDER_DELIMITER))
        moves = TRUE;
      else if (p != '\0' && !is_wild (p) && (p == c || (any_case && g_ascii_toupper (p) == c)))
        {
          moves = TRUE;
          to = place + 1;
        }
      if (!moves)
        continue;

      places[to] = 1;
      new_low = MIN (new_low, to);
      new_high = MAX (new_high, to);
      if (is_wild (self->text[to]))
        {
          places[to + 1] = 1;
          new_high = MAX (new_high, to + 1);
        }
    }

  *low = new_low;
  *high = new_high;

  return new_low <= self->length;
}

gboolean
ph_imap_pattern_matches (const PhImapPattern *self,
                         const char          *name)
{
  guint8   places[PH_IMAP_PATTERN_MAX + 2] = { 0 };
  gsize    low = 0;
  gsize    high = 0;
  gboolean is_inbox = strncmp (name, "INBOX", 5) == 0 && (name[5] == '\0' || name[5] == PH_FOLDER_DELIMITER);

  if (self->text == NULL)
    return FALSE;

  places[0] = 1;
  if (is_wild (self->text[0]))
    places[high = 1] = 1;

  for (gsize i = 0; name[i] != '\0'; i++)
    if (!advance (self, places, &low, &high, name[i], is_inbox && i < 5))
      return FALSE;

  return places[self->length] == 1;
}
