#include "ph-domain-record.h"

static const char *const state_names[] = { "right", "missing", "wrong", "unknown", "unwanted" };

const char *
ph_record_state_get_name (PhRecordState state)
{
  return state_names[state];
}

void
ph_domain_record_free (PhDomainRecord *self)
{
  g_free (self->name);
  g_free (self->value);
  g_free (self->found);
  ph_reason_clear (&self->remark);
  g_free (self);
}
