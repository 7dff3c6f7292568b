#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * PhBuffer:
 *
 * A queue of bytes: appended at the end, consumed from the start.  It grows as
 * it must; whoever appends bounds it.  Not a string: NUL is a byte like others.
 * A plain struct, owned by whoever embeds it; zero bytes is a valid empty one.
 */
typedef struct
{
  guint8 *data;
  gsize   start;     /* first byte not yet consumed */
  gsize   end;       /* one past the last byte */
  gsize   allocated; /* bytes at data */
} PhBuffer;

void ph_buffer_clear (PhBuffer *self);
void ph_buffer_append (PhBuffer   *self,
                       const void *data,
                       gsize       length);
void ph_buffer_append_string (PhBuffer   *self,
                              const char *string);
void ph_buffer_append_printf (PhBuffer   *self,
                              const char *format,
                              ...) G_GNUC_PRINTF (2, 3);
void ph_buffer_append_vprintf (PhBuffer   *self,
                               const char *format,
                               va_list     args) G_GNUC_PRINTF (2, 0);

/* Makes room for `length` bytes at the end and returns where they may be
 * written; ph_buffer_commit() then says how many were. */
guint8 *ph_buffer_reserve (PhBuffer *self,
                           gsize     length);
void    ph_buffer_commit (PhBuffer *self,
                          gsize     length);

/* Drops the first `length` bytes (at most all). */
void ph_buffer_consume (PhBuffer *self,
                        gsize     length);

/* Overwrites all bytes held, consumed ones too, then empties it: for secrets. */
void ph_buffer_wipe (PhBuffer *self);

static inline gsize
ph_buffer_get_length (const PhBuffer *self)
{
  return self->end - self->start;
}

/* Borrowed; valid until the next append, reserve or consume.  NULL before the first. */
static inline const guint8 *
ph_buffer_get_data (const PhBuffer *self)
{
  return self->data != NULL ? self->data + self->start : NULL;
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (PhBuffer, ph_buffer_clear)

G_END_DECLS
