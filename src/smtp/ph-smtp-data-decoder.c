#include "ph-smtp-data-decoder.h"

typedef struct
{
  const guint8  *data;
  gsize          length;
  gsize          at; /* what is before it was handed on, or is held in the state */
  PhSmtpDataFunc function;
  gpointer       user_data;
} PhSmtpDataInput;

void
ph_smtp_data_decoder_init (PhSmtpDataDecoder *self,
                           gboolean           raw,
                           gboolean           normalize)
{
  *self = (PhSmtpDataDecoder){ .raw = raw, .normalize = normalize, .line = 1 };
}

static void
hand_on_line_end (PhSmtpDataInput *input)
{
  input->function ((const guint8 *)"\r\n", 2, input->user_data);
}

static void
note_bare (PhSmtpDataDecoder *self,
           gboolean          *what)
{
  if (!self->bare_cr && !self->bare_lf)
    self->bare_line = self->line;
  *what = TRUE;
}

static void
end_line (PhSmtpDataDecoder *self)
{
  self->line++;
  self->line_length = 0;
}

static void
count_text (PhSmtpDataDecoder *self,
            gsize              length)
{
  self->line_length += length;
  if (self->line_length > PH_SMTP_TEXT_LINE_MAX)
    self->line_too_long = TRUE;
  if (self->line_length > PH_SMTP_TEXT_LINE_SAFE)
    self->has_long_line = TRUE;
}

/* Moves on over text and whole CRLFs, up to what needs a look: a CR or LF without the other, a
 * CR that is the last byte, a dot at the start of a line.  TRUE at the start of a line. */
static gboolean
pass_lines (PhSmtpDataDecoder *self,
            PhSmtpDataInput   *input)
{
  const guint8 *data = input->data;
  gsize         at = input->at, line = at;
  guint8        bits = 0;
  gboolean      at_start = FALSE;

  while (at < input->length && !at_start)
    {
      if (data[at] != '\r' && data[at] != '\n')
        {
          bits |= data[at++];
          continue;
        }
      if (data[at] == '\n' || at + 1 == input->length || data[at + 1] != '\n')
        break;

      count_text (self, at - line);
      end_line (self);
      at += 2;
      line = at;
      at_start = at == input->length || data[at] == '.';
    }

  count_text (self, at - line);
  if (bits & 0x80)
    self->has_8bit = TRUE;
  input->at = at;

  return at_start;
}

/* What is handed on by reference is as long as can be; a CR or LF is part of it only in a pair. */
static void
take_text (PhSmtpDataDecoder *self,
           PhSmtpDataInput   *input)
{
  gsize    start = input->at;
  gboolean at_start = pass_lines (self, input);

  self->state = at_start ? PH_SMTP_DATA_LINE_START : PH_SMTP_DATA_TEXT;
  if (input->at > start)
    input->function (input->data + start, input->at - start, input->user_data);
  if (at_start || input->at == input->length)
    return;

  if (input->data[input->at] == '\r')
    {
      self->state = PH_SMTP_DATA_CR;
    }
  else
    {
      note_bare (self, &self->bare_lf);
      hand_on_line_end (input);
      end_line (self);
    }
  input->at++;
}

/* One byte, at the start of a line or after a CR.  Returns TRUE at the end of the data. */
static gboolean
take_special (PhSmtpDataDecoder *self,
              PhSmtpDataInput   *input)
{
  guint8 c = input->data[input->at];

  if (self->state == PH_SMTP_DATA_LINE_START && c == '.' && !self->raw)
    {
      self->state = PH_SMTP_DATA_DOT;
      input->at++;
    }
  else if (self->state == PH_SMTP_DATA_DOT && c == '\r')
    {
      self->state = PH_SMTP_DATA_DOT_CR;
      input->at++;
    }
  else if (self->state == PH_SMTP_DATA_DOT_CR && c == '\n')
    {
      input->at++;
      return TRUE;
    }
  else if (self->state == PH_SMTP_DATA_CR && c == '\n')
    {
      hand_on_line_end (input);
      end_line (self);
      self->state = PH_SMTP_DATA_LINE_START;
      input->at++;
    }
  else if (self->state == PH_SMTP_DATA_CR || self->state == PH_SMTP_DATA_DOT_CR)
    {
      /* The byte is looked at again: it may be the CR of a real line end. */
      note_bare (self, &self->bare_cr);
      self->state = PH_SMTP_DATA_TEXT;
    }
  else
    {
      /* A stuffed dot is gone by now, as is one that a client forgot to stuff. */
      self->state = PH_SMTP_DATA_TEXT;
    }

  return FALSE;
}

gsize
ph_smtp_data_decoder_feed (PhSmtpDataDecoder *self,
                           const guint8      *data,
                           gsize              length,
                           PhSmtpDataFunc     function,
                           gpointer           user_data,
                           gboolean          *ended)
{
  PhSmtpDataInput input = { data, length, 0, function, user_data };

  *ended = FALSE;
  while (input.at < length && !*ended)
    {
      if (self->state == PH_SMTP_DATA_TEXT)
        take_text (self, &input);
      else
        *ended = take_special (self, &input);
    }

  return input.at;
}

void
ph_smtp_data_decoder_finish (PhSmtpDataDecoder *self)
{
  if (self->state == PH_SMTP_DATA_CR)
    note_bare (self, &self->bare_cr);
}
