/* Any bytes as an mbox file, in each dialect: read in finite time and without a byte from
 * nowhere; and what PhMboxWriter makes of any message is read back as it was. */

#include "fuzz-target.h"

#include "ph-mbox-reader.h"
#include "ph-mbox-writer.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static int
make_file (const void *data,
           gsize       length)
{
  int fd = memfd_create ("fuzz", MFD_CLOEXEC);

  g_assert_cmpint (write (fd, data, length), ==, (gssize)length);

  return fd;
}

static gboolean
write_cb (gpointer      user_data,
          const guint8 *data,
          gsize         length,
          GError      **error)
{
  g_byte_array_append (user_data, data, (guint)length);

  return TRUE;
}

static void
read_all (const uint8_t *data,
          size_t         length,
          PhMboxDialect  dialect)
{
  int fd = make_file (data, length);
  g_autoptr (PhMboxReader) reader = ph_mbox_reader_new (fd, dialect);
  gsize total = 0;

  for (;;)
    {
      g_autoptr (GByteArray) bytes = g_byte_array_new ();
      PhMboxMessage      message;
      PhMboxReaderResult result = ph_mbox_reader_next (reader, write_cb, bytes, &message, NULL);

      total += bytes->len;
      ph_mbox_message_clear (&message);
      if (result != PH_MBOX_READER_MESSAGE)
        break;
    }
  g_assert_cmpuint (total, <=, length);
  close (fd);
}

static void
write_and_read (const uint8_t *data,
                size_t         length)
{
  static const char *const keywords[] = { "$Label1", NULL };
  g_autoptr (GOutputStream) out = g_memory_output_stream_new_resizable ();
  g_autoptr (PhMboxReader) reader = NULL;
  int fd = make_file (data, length), mbox;

  for (guint i = 0; i < 2; i++)
    g_assert_true (ph_mbox_write_message (out, fd, 1000000000, i == 0 ? 0 : PH_FLAG_SEEN, i == 0 ? NULL : keywords, NULL));
  close (fd);
  mbox = make_file (g_memory_output_stream_get_data (G_MEMORY_OUTPUT_STREAM (out)), g_memory_output_stream_get_data_size (G_MEMORY_OUTPUT_STREAM (out)));
  reader = ph_mbox_reader_new (mbox, PH_MBOX_ANY);
  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (GByteArray) bytes = g_byte_array_new ();
      PhMboxMessage message;

      g_assert_cmpint (ph_mbox_reader_next (reader, write_cb, bytes, &message, NULL), ==, PH_MBOX_READER_MESSAGE);
      g_assert_cmpmem (bytes->data, bytes->len, data, length);
      g_assert_cmpuint (message.flags, ==, i == 0 ? 0 : PH_FLAG_SEEN);
      g_assert_cmpint (message.date, ==, 1000000000);
      ph_mbox_message_clear (&message);
    }
  close (mbox);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data,
                        size_t         length)
{
  for (PhMboxDialect dialect = PH_MBOX_ANY; dialect <= PH_MBOX_CL2; dialect++)
    read_all (data, length, dialect);
  write_and_read (data, length);

  return 0;
}
