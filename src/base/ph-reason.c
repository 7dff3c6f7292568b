#include "ph-reason.h"

#include <glib/gi18n-lib.h>

void
ph_reason_clear (PhReason *self)
{
  g_clear_pointer (&self->english, g_free);
  g_clear_pointer (&self->local, g_free);
}

void
ph_reason_set_valist (PhReason   *self,
                      const char *format,
                      va_list     args)
{
  va_list again;

  ph_reason_clear (self);
  va_copy (again, args);
  self->english = g_strdup_vprintf (format, args);
  self->local = g_strdup_vprintf (_ (format), again);
  va_end (again);
}

void
ph_reason_set (PhReason   *self,
               const char *format,
               ...)
{
  va_list args;

  va_start (args, format);
  ph_reason_set_valist (self, format, args);
  va_end (args);
}

void
ph_reason_add (PhReason       *self,
               const PhReason *cause)
{
  char *english = g_strdup_printf ("%s: %s", self->english, cause->english);
  /* Translators: what is wrong, and why */
  char *local = g_strdup_printf (_ ("%s: %s"), self->local, cause->local);

  ph_reason_clear (self);
  *self = (PhReason){ english, local };
}
