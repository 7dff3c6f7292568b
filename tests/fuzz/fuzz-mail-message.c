/* A whole message: its MIME tree, and what IMAP shows of it, which a strict reader of IMAP's
 * grammar must understand whatever the mail (I33, I34, V06). */

#include "../mail/imap-syntax.h"
#include "ph-header.h"
#include "ph-mime-format.h"
#include "ph-mime-part.h"

#include "fuzz-target.h"

static void
check_tree (const PhMimePart *root,
            gsize             size)
{
  guint n = 0;

  for (const PhMimePart *part = root; part != NULL; part = ph_mime_part_next (part))
    {
      n++;
      g_assert_cmpuint (part->header_offset + part->header_length, ==, part->body_offset);
      g_assert_cmpuint (part->body_offset + part->body_length, <=, size);
      if (part->parent != NULL)
        g_assert_cmpuint (part->body_offset + part->body_length, <=, part->parent->body_offset + part->parent->body_length);
    }
  g_assert_cmpuint (n, <=, 10001);
}

static void
check_sections (const PhMimePart *root,
                gsize             size)
{
  for (PhMimeSection section = PH_MIME_SECTION_BODY; section <= PH_MIME_SECTION_MIME; section++)
    for (guint32 i = 1; i <= 3; i++)
      {
        const guint32 path[] = { i, 1 };

        for (guint n = 0; n <= 2; n++)
          {
            gsize offset, length;

            if (ph_mime_part_find_section (root, path, n, section, &offset, &length))
              g_assert_cmpuint (offset + length, <=, size);
          }
      }
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autofree guint8 *copy = g_memdup2 (data, size);
  g_autoptr (PhMimePart) root = ph_mime_part_parse (copy, size);
  g_autoptr (PhHeader) header = ph_header_parse (copy, size);

  check_tree (root, size);
  check_sections (root, size);
  for (guint extended = 0; extended < 2; extended++)
    {
      g_auto (PhBuffer) out = { 0 };

      ph_mime_format_structure (root, copy, extended == 1, &out);
      ph_buffer_append (&out, "", 1);
      g_assert_true (imap_is_structure (ph_buffer_get_data (&out), ph_buffer_get_length (&out) - 1, extended == 1));
    }
  {
    g_auto (PhBuffer) out = { 0 };

    ph_mime_format_envelope (header, &out);
    ph_buffer_append (&out, "", 1);
    g_assert_true (imap_is_envelope (ph_buffer_get_data (&out), ph_buffer_get_length (&out) - 1));
  }

  return 0;
}
