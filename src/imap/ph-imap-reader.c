#include "ph-imap-reader.h"

#include <string.h>

/* A refused line is dropped but for so much of its end, where "{n+}" may stand. */
#define TAIL_MAX 64

/* An idle session keeps no larger buffer. */
#define KEPT_MAX 1024

enum {
  STATE_LINE,
  STATE_LITERAL,
  STATE_WAIT, /* LITERAL was reported */
  STATE_DROP_LINE,
  STATE_DROP_LITERAL,
};

void
ph_imap_reader_init (PhImapReader *self)
{
  *self = (PhImapReader){
    .command_max = PH_IMAP_PREAUTH_COMMAND_MAX,
    .line_max = PH_IMAP_PREAUTH_COMMAND_MAX,
    .literal_max = PH_IMAP_PREAUTH_LITERAL_MAX,
    .ended = TRUE,
  };
}

void
ph_imap_reader_clear (PhImapReader *self)
{
  ph_buffer_wipe (&self->text);
  ph_buffer_clear (&self->text);
}

void
ph_imap_reader_reset (PhImapReader *self)
{
  ph_buffer_wipe (&self->text);
  if (self->text.allocated > KEPT_MAX)
    ph_buffer_clear (&self->text);
  self->line_start = 0;
  self->n_literals = 0;
  self->state = STATE_LINE;
  self->ended = TRUE;
}

gboolean
ph_imap_reader_is_idle (const PhImapReader *self)
{
  return self->state == STATE_LINE && (self->ended || ph_buffer_get_length (&self->text) == 0);
}

static void
drop_line (PhImapReader *self)
{
  ph_buffer_wipe (&self->text);
  self->line_start = 0;
  self->state = STATE_DROP_LINE;
}

/* Digits saturate. */
static guint64
count_size (const guint8 *digits,
            gsize         n)
{
  guint64 size = 0;

  for (gsize i = 0; i < n; i++)
    {
      guint64 digit = digits[i] - '0';

      if (size > (G_MAXUINT64 - digit) / 10)
        return G_MAXUINT64;
      size = size * 10 + digit;
    }

  return size > G_MAXUINT32 ? G_MAXUINT64 : size;
}

/* Whether the text (without its line end) announces a literal: "{n}" or "{n+}". */
static gboolean
find_literal (PhImapReader *self,
              gsize         end)
{
  const guint8 *text = ph_buffer_get_data (&self->text);
  gsize         position = end;
  gsize         digits_end;

  if (end < self->line_start + 3 || text[end - 1] != '}')
    return FALSE;

  position--;
  self->literal_sync = text[position - 1] != '+';
  if (!self->literal_sync)
    position--;

  digits_end = position;
  while (position > self->line_start && g_ascii_isdigit (text[position - 1]))
    position--;
  if (position == digits_end || position == self->line_start || text[position - 1] != '{')
    return FALSE;

  self->literal_size = count_size (text + position, digits_end - position);

  return TRUE;
}

/* The text ends with LF.  Leaves the line end in the text where a literal follows. */
static PhImapReaderEvent
end_line (PhImapReader *self)
{
  const guint8 *text = ph_buffer_get_data (&self->text);
  gsize         end = ph_buffer_get_length (&self->text) - 1;

  if (end > self->line_start && text[end - 1] == '\r')
    end--;

  if (!self->raw && find_literal (self, end))
    {
      self->state = STATE_WAIT;
      return PH_IMAP_READER_LITERAL;
    }

  self->text.end = self->text.start + end;
  self->ended = TRUE;

  return PH_IMAP_READER_LINE;
}

static gsize
feed_line (PhImapReader      *self,
           const guint8      *data,
           gsize              length,
           PhImapReaderEvent *event)
{
  const guint8 *end;
  gsize         n;

  if (self->ended)
    ph_imap_reader_reset (self);
  self->ended = FALSE;

  end = memchr (data, '\n', length);
  n = end != NULL ? (gsize)(end - data) + 1 : length;

  if (ph_buffer_get_length (&self->text) - self->line_start + n > self->line_max || ph_buffer_get_length (&self->text) + n > self->command_max)
    {
      /* Keep the start: the reply names its tag. */
      gsize room = MIN (n, 256);

      ph_buffer_append (&self->text, data, room);
      self->state = STATE_DROP_LINE;
      *event = PH_IMAP_READER_TOO_LONG;
      return room == n && end != NULL ? n - 1 : room;
    }

  ph_buffer_append (&self->text, data, n);
  if (end != NULL)
    *event = end_line (self);

  return n;
}

static gsize
feed_literal (PhImapReader *self,
              const guint8 *data,
              gsize         length)
{
  gsize n = MIN (length, self->remaining);

  ph_buffer_append (&self->text, data, n);
  self->remaining -= n;
  if (self->remaining == 0)
    ph_imap_reader_resume (self);

  return n;
}

static gsize
drop_literal (PhImapReader *self,
              gsize         length)
{
  gsize n = MIN (length, self->remaining);

  self->remaining -= n;
  if (self->remaining == 0)
    drop_line (self);

  return n;
}

static gsize
feed_dropped_line (PhImapReader *self,
                   const guint8 *data,
                   gsize         length)
{
  const guint8 *end = memchr (data, '\n', length);
  gsize         n = end != NULL ? (gsize)(end - data) + 1 : length;
  gsize         tail = MIN (n, TAIL_MAX);
  gsize         held = ph_buffer_get_length (&self->text);

  if (held > TAIL_MAX)
    ph_buffer_consume (&self->text, held - TAIL_MAX);
  ph_buffer_append (&self->text, data + n - tail, tail);
  self->line_start = 0;
  if (end == NULL)
    return n;

  if (!self->raw && end_line (self) == PH_IMAP_READER_LITERAL && !self->literal_sync)
    {
      self->remaining = self->literal_size;
      self->state = self->remaining > 0 ? STATE_DROP_LITERAL : STATE_DROP_LINE;
      ph_buffer_wipe (&self->text);
    }
  else
    ph_imap_reader_reset (self);

  return n;
}

gsize
ph_imap_reader_feed (PhImapReader      *self,
                     const guint8      *data,
                     gsize              length,
                     PhImapReaderEvent *event)
{
  gsize taken = 0;

  *event = PH_IMAP_READER_MORE;
  while (taken < length && *event == PH_IMAP_READER_MORE)
    {
      const guint8 *rest = data + taken;
      gsize         n = length - taken;

      switch (self->state)
        {
        case STATE_LINE:
          taken += feed_line (self, rest, n, event);
          break;
        case STATE_LITERAL:
          taken += feed_literal (self, rest, n);
          break;
        case STATE_DROP_LINE:
          taken += feed_dropped_line (self, rest, n);
          break;
        case STATE_DROP_LITERAL:
          taken += drop_literal (self, n);
          break;
        default: /* STATE_WAIT */
          return taken;
        }
    }

  return taken;
}

gboolean
ph_imap_reader_may_accept (const PhImapReader *self)
{
  return self->literal_size <= self->literal_max && self->n_literals < PH_IMAP_LITERALS_MAX && ph_buffer_get_length (&self->text) + self->literal_size <= self->command_max;
}

void
ph_imap_reader_accept (PhImapReader *self)
{
  self->n_literals++;
  self->remaining = self->literal_size;
  if (self->remaining > 0)
    self->state = STATE_LITERAL;
  else
    ph_imap_reader_resume (self);
}

void
ph_imap_reader_refuse (PhImapReader *self)
{
  if (self->literal_sync)
    {
      ph_imap_reader_reset (self);
      return;
    }

  self->remaining = self->literal_size;
  if (self->remaining > 0)
    self->state = STATE_DROP_LITERAL;
  else
    drop_line (self);
}

void
ph_imap_reader_resume (PhImapReader *self)
{
  self->line_start = ph_buffer_get_length (&self->text);
  self->state = STATE_LINE;
}
