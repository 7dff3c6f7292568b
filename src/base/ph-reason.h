#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * PhReason:
 *
 * Why a check ended as it did, in a clause that can follow a colon, said twice: in English for what leaves this computer (header
 * fields, replies, commands), and in the language of the window for the person at it.  A plain struct; clear it.
 */
typedef struct
{
  char *english; /* UTF-8; both NULL where there is no reason */
  char *local;
} PhReason;

/* `format` is marked with N_(), and translated here. */
void ph_reason_set (PhReason   *self,
                    const char *format,
                    ...) G_GNUC_PRINTF (2, 3);
void ph_reason_set_valist (PhReason   *self,
                           const char *format,
                           va_list     args) G_GNUC_PRINTF (2, 0);

/* Adds, after a colon, what it comes from. */
void ph_reason_add (PhReason       *self,
                    const PhReason *cause);

/* Leaves none. */
void ph_reason_clear (PhReason *self);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (PhReason, ph_reason_clear)

G_END_DECLS
