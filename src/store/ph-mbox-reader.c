#include "ph-mbox-reader.h"

#include "ph-file-window.h"
#include "ph-mbox-field.h"

#include <stdio.h>
#include <string.h>

struct _PhMboxReader
{
  PhFileWindow *window;
  PhMboxDialect dialect;
  guint64       offset; /* of what comes next: a "From " line, or at the start anything */
};

/* While one message is read. */
typedef struct
{
  PhMboxReader   *reader;
  PhMboxWriteFunc write;
  gpointer        user_data;
  PhMboxMessage  *message;
  guint           n_ours;         /* fields at its top that PhMboxWriter added and that follow */
  gboolean        is_ours;        /* and it said so: nothing else is ours */
  gboolean        open;           /* its last line end is not its own */
  gboolean        holds_lf;       /* the last byte, until it is known whether it counts */
  gint64          content_length; /* -1: none */
} Reading;

PhMboxReader *
ph_mbox_reader_new (int           fd,
                    PhMboxDialect dialect)
{
  PhMboxReader *self = g_new0 (PhMboxReader, 1);

  self->window = ph_file_window_new (fd);
  self->dialect = dialect;

  return self;
}

void
ph_mbox_reader_free (PhMboxReader *self)
{
  ph_file_window_free (self->window);
  g_free (self);
}

void
ph_mbox_message_clear (PhMboxMessage *message)
{
  g_strfreev (message->keywords);
  *message = (PhMboxMessage){ 0 };
}

static gboolean
emit (Reading      *reading,
      const guint8 *data,
      gsize         length,
      GError      **error)
{
  if (length == 0)
    return TRUE;
  if (reading->holds_lf && !reading->write (reading->user_data, (const guint8 *)"\n", 1, error))
    return FALSE;

  reading->holds_lf = data[length - 1] == '\n';

  return reading->write (reading->user_data, data, length - reading->holds_lf, error);
}

static gboolean
end_message (Reading *reading,
             GError **error)
{
  return !reading->holds_lf || reading->open || reading->write (reading->user_data, (const guint8 *)"\n", 1, error);
}

static gboolean
is_blank (const guint8 *data,
          gsize         length)
{
  return (length == 1 && data[0] == '\n') || (length == 2 && data[0] == '\r' && data[1] == '\n');
}

/* "Name:", as the line after a "From " line has it. */
static gboolean
looks_like_field (const guint8 *data,
                  gsize         length)
{
  gsize i = 0;

  while (i < length && data[i] > ' ' && data[i] < 127 && data[i] != ':')
    i++;

  return i > 0 && i < length && data[i] == ':';
}

/* The date of a "From " line here that is no text of a message, or -1: it has a date, or the
 * start of a header follows. */
static gint64
look_for_separator (PhMboxReader *self,
                    guint64       offset)
{
  const guint8    *data;
  gsize            length;
  gint64           date;
  g_autofree char *line = NULL;

  if (!ph_file_window_look (self->window, offset, 5, &data, &length, NULL) || length < 5 || memcmp (data, "From ", 5) != 0 || !ph_file_window_look_line (self->window, offset, &data, &length, NULL))
    return -1;

  line = g_strndup ((const char *)data, MIN (length, 1000));
  date = ph_mbox_parse_from_date (line);
  if (date != 0)
    return date;
  if (!ph_file_window_look_line (self->window, offset + length, &data, &length, NULL))
    return -1;

  return looks_like_field (data, length) ? 0 : -1;
}

/* TRUE where a message can end here: with a blank line before what comes, or the file. */
static gboolean
ends_at (PhMboxReader *self,
         guint64       offset)
{
  const guint8 *data;
  gsize         length;

  if (!ph_file_window_look_line (self->window, offset, &data, &length, NULL))
    return FALSE;
  if (length == 0)
    return TRUE;
  if (!is_blank (data, length))
    return look_for_separator (self, offset) >= 0;

  offset += length;

  return ph_file_window_look (self->window, offset, 1, &data, &length, NULL) && (length == 0 || look_for_separator (self, offset) >= 0);
}

/* The rest of the line here, which may be longer than the window; *offset moves behind it. */
static gboolean
copy_line (Reading *reading,
           guint64 *offset,
           gboolean wanted,
           GError **error)
{
  const guint8 *data;
  gsize         length;
  gboolean      ended;

  do
    {
      if (!ph_file_window_look_line (reading->reader->window, *offset, &data, &length, error))
        return FALSE;
      ended = length == 0 || data[length - 1] == '\n';
      *offset += length;
      if (wanted && !emit (reading, data, length, error))
        return FALSE;
    }
  while (!ended);

  return TRUE;
}

/* The line here as it was before it was quoted. */
static gboolean
copy_unquoted (Reading *reading,
               guint64 *offset,
               GError **error)
{
  PhMboxDialect dialect = reading->reader->dialect;
  guint64       n_quotes;

  if (ph_file_window_is_from_line (reading->reader->window, *offset, &n_quotes) && n_quotes > 0 && (dialect != PH_MBOX_O || n_quotes == 1))
    (*offset)++;

  return copy_line (reading, offset, TRUE, error);
}

/* One field, or a line that continues it; FALSE in *wanted where it belongs to the mailbox. */
static void
take_field (Reading      *reading,
            const guint8 *data,
            gsize         length,
            gboolean     *wanted)
{
  PhMboxMessage *message = reading->message;
  PhMboxField    field;

  if (!(reading->is_ours && reading->n_ours == 0) && length > 0 && (data[0] == ' ' || data[0] == '\t'))
    return; /* as the field that it continues */

  *wanted = TRUE;
  /* The message's own, whatever it begins with. */
  if (reading->is_ours && reading->n_ours == 0)
    return;
  if (!ph_mbox_field_read (data, length, &field))
    return;

  *wanted = FALSE;
  reading->n_ours -= reading->is_ours;
  message->flags |= field.flags;
  if (field.keywords != NULL)
    {
      g_strfreev (message->keywords);
      message->keywords = field.keywords;
    }
  if (field.content_length >= 0)
    reading->content_length = field.content_length;
}

static void
take_marker (Reading *reading,
             guint64 *offset)
{
  const guint8 *data;
  gsize         length;

  if (!ph_file_window_look_line (reading->reader->window, *offset, &data, &length, NULL) || !ph_mbox_field_read_marker (data, length, &reading->n_ours, &reading->open))
    return;

  reading->is_ours = TRUE;
  *offset += length;
}

/* Up to and with the blank line; *done where the message ends without one. */
static gboolean
read_header (Reading  *reading,
             guint64  *offset,
             gboolean *done,
             GError  **error)
{
  PhMboxReader *self = reading->reader;
  gboolean      wanted = TRUE;

  take_marker (reading, offset);
  for (;;)
    {
      const guint8 *data;
      gsize         length;

      if (!ph_file_window_look_line (self->window, *offset, &data, &length, error))
        return FALSE;
      if (length == 0)
        {
          *done = TRUE;
          return TRUE;
        }
      if (is_blank (data, length))
        return TRUE; /* it may be the one between two messages */
      take_field (reading, data, length, &wanted);
      if (wanted ? !copy_unquoted (reading, offset, error) : !copy_line (reading, offset, FALSE, error))
        return FALSE;
    }
}

static gboolean
copy_bytes (Reading *reading,
            guint64 *offset,
            guint64  end,
            GError **error)
{
  while (*offset < end)
    {
      const guint8 *data;
      gsize         length;

      if (!ph_file_window_look (reading->reader->window, *offset, 1, &data, &length, error))
        return FALSE;
      length = (gsize)MIN (length, end - *offset);
      if (length == 0)
        break;
      if (!emit (reading, data, length, error))
        return FALSE;
      *offset += length;
    }

  return TRUE;
}

static guint64
skip_blank (PhMboxReader *self,
            guint64       offset)
{
  const guint8 *data;
  gsize         length;

  if (ph_file_window_look_line (self->window, offset, &data, &length, NULL) && is_blank (data, length))
    offset += length;

  return offset;
}

/* Lines up to the next message, or to `end`; the blank one before it belongs to neither. */
static gboolean
copy_lines (Reading *reading,
            guint64 *offset,
            guint64  end,
            GError **error)
{
  PhMboxReader *self = reading->reader;

  while (*offset < end)
    {
      const guint8 *data;
      gsize         length;

      if (!ph_file_window_look_line (self->window, *offset, &data, &length, error))
        return FALSE;
      if (length == 0)
        break;
      if (end == G_MAXUINT64 && is_blank (data, length) && ends_at (self, *offset))
        {
          *offset += length;
          break;
        }
      if (!copy_unquoted (reading, offset, error))
        return FALSE;
    }

  return TRUE;
}

/* The end that Content-Length gives, where that can be; else 0. */
static guint64
find_end (Reading *reading,
          guint64  body)
{
  guint64 end = body + (guint64)reading->content_length;

  if (reading->content_length < 0 || reading->is_ours || reading->reader->dialect == PH_MBOX_O || reading->reader->dialect == PH_MBOX_RD)
    return 0;

  return end >= body && ends_at (reading->reader, end) ? end : 0;
}

static gboolean
read_body (Reading *reading,
           guint64 *offset,
           GError **error)
{
  PhMboxReader *self = reading->reader;
  guint64       body = skip_blank (self, *offset), end = find_end (reading, body);

  if (end == 0)
    return copy_lines (reading, offset, G_MAXUINT64, error);
  if (!copy_bytes (reading, offset, body, error))
    return FALSE;
  if (self->dialect == PH_MBOX_CL ? !copy_lines (reading, offset, end, error) : !copy_bytes (reading, offset, end, error))
    return FALSE;
  *offset = skip_blank (self, *offset);

  return TRUE;
}

/* What stands before the first message, if it is more than blank lines. */
static gboolean
read_stray (Reading *reading,
            guint64 *offset,
            GError **error)
{
  for (;;)
    {
      const guint8 *data;
      gsize         length;

      if (!ph_file_window_look_line (reading->reader->window, *offset, &data, &length, error))
        return FALSE;
      if (length == 0 || look_for_separator (reading->reader, *offset) >= 0)
        return TRUE;
      reading->message->is_stray |= !is_blank (data, length);
      if (!copy_line (reading, offset, TRUE, error))
        return FALSE;
    }
}

static PhMboxReaderResult
read_message (Reading *reading,
              guint64 *offset,
              GError **error)
{
  gboolean done = FALSE;

  reading->message->date = MAX (look_for_separator (reading->reader, *offset), 0);
  if (!copy_line (reading, offset, FALSE, error) || !read_header (reading, offset, &done, error) || (!done && !read_body (reading, offset, error)) || !end_message (reading, error))
    return PH_MBOX_READER_ERROR;

  return PH_MBOX_READER_MESSAGE;
}

PhMboxReaderResult
ph_mbox_reader_next (PhMboxReader   *self,
                     PhMboxWriteFunc write,
                     gpointer        user_data,
                     PhMboxMessage  *message,
                     GError        **error)
{
  Reading       reading = { self, write, user_data, message, .content_length = -1 };
  const guint8 *data;
  gsize         length;

  *message = (PhMboxMessage){ .offset = self->offset };
  if (!ph_file_window_look (self->window, self->offset, 1, &data, &length, error))
    return PH_MBOX_READER_ERROR;
  if (length == 0)
    return PH_MBOX_READER_END;
  if (look_for_separator (self, self->offset) >= 0)
    return read_message (&reading, &self->offset, error);
  if (!read_stray (&reading, &self->offset, error) || !end_message (&reading, error))
    return PH_MBOX_READER_ERROR;

  return message->is_stray ? PH_MBOX_READER_MESSAGE : ph_mbox_reader_next (self, write, user_data, message, error);
}

/* The number that a word is, or -1. */
static int
read_number (const char *word,
             int         max)
{
  guint64 number;

  return g_ascii_string_to_unsigned (word, 10, 0, (guint64)max, &number, NULL) ? (int)number : -1;
}

static int
read_month (const char *word)
{
  static const char *const months[] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };

  for (guint i = 0; i < G_N_ELEMENTS (months); i++)
    if (g_ascii_strcasecmp (word, months[i]) == 0)
      return (int)i + 1;

  return 0;
}

/* Month, day, time, and the year, before which or after which a zone may stand: it is taken for
 * UTC, as this form has none. */
static gint64
read_date (char **words)
{
  int month = read_month (words[0]), day, year = -1;
  int hour, minute, second = 0;
  g_autoptr (GDateTime) time = NULL;

  if (month == 0 || words[1] == NULL || words[2] == NULL || words[3] == NULL)
    return 0;
  day = read_number (words[1], 31);
  if (day < 1 || sscanf (words[2], "%2d:%2d:%2d", &hour, &minute, &second) < 2)
    return 0;
  year = read_number (words[3], 9999);
  if (year < 1900 && words[4] != NULL)
    year = read_number (words[4], 9999);
  if (year < 1970)
    return 0;

  time = g_date_time_new_utc (year, month, day, hour, minute, second);

  return time != NULL ? g_date_time_to_unix (time) : 0;
}

gint64
ph_mbox_parse_from_date (const char *line)
{
  g_auto (GStrv) words = g_strsplit_set (line, " \t\r\n", -1);
  g_autoptr (GPtrArray) full = g_ptr_array_new ();
  gint64 date = 0;

  for (guint i = 0; words[i] != NULL; i++)
    if (*words[i] != '\0')
      g_ptr_array_add (full, words[i]);
  g_ptr_array_add (full, NULL);

  for (guint i = 1; i + 1 < full->len && date == 0; i++)
    date = read_date ((char **)full->pdata + i);

  return date;
}
