#include "ph-service-answer.h"

static const char *const outcome_names[] = { "answered", "unreachable", "silent", "closed", "refused", "strange", "no-tls" };

PhServiceAnswer *
ph_service_answer_new (void)
{
  PhServiceAnswer *self = g_rc_box_new0 (PhServiceAnswer);

  self->delay = -1;

  return self;
}

static void
clear (gpointer data)
{
  PhServiceAnswer *self = data;

  g_free (self->said);
  g_free (self->tls_version);
  g_free (self->name);
  g_free (self->offers);
}

void
ph_service_answer_unref (PhServiceAnswer *self)
{
  g_rc_box_release_full (self, clear);
}

const char *
ph_service_outcome_get_name (PhServiceOutcome outcome)
{
  g_return_val_if_fail (outcome < G_N_ELEMENTS (outcome_names), NULL);

  return outcome_names[outcome];
}
