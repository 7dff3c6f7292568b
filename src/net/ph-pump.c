#include "ph-pump.h"

#include <string.h>

/* Read at once: one TLS record. */
#define CHUNK (16 * 1024)

/* Rounds of reading, feeding and writing in one run. */
#define MAX_ROUNDS 32

/* An idle session keeps no more output memory than this. */
#define IDLE_OUTPUT 4096

void
ph_pump_clear (PhPump *self)
{
  ph_buffer_wipe (&self->input);
  ph_buffer_clear (&self->input);
}

gboolean
ph_pump_may_read (PhPump *self)
{
  return !self->at_end && !ph_session_wants_tls (self->session) &&
         ph_buffer_get_length (&self->input) < PH_SESSION_INPUT_MAX;
}

/* This and the next two return whether they got on. */
static gboolean
receive (PhPump  *self,
         gsize   *budget,
         GError **error)
{
  gsize             size = MIN (CHUNK, PH_SESSION_INPUT_MAX - ph_buffer_get_length (&self->input));
  gsize             length = 0;
  PhTransportResult result;

  if (!self->readable || *budget == 0 || !ph_pump_may_read (self))
    return FALSE;

  result = ph_transport_read (self->transport, ph_buffer_reserve (&self->input, size), size, &length, error);
  ph_buffer_commit (&self->input, length);
  if (ph_buffer_get_length (&self->input) == 0)
    ph_buffer_clear (&self->input);

  *budget -= MIN (length, *budget);
  self->n_in += length;
  self->readable = result == PH_TRANSPORT_OK && self->transport->may_have_more;
  self->at_end = result == PH_TRANSPORT_END;
  if (length == 0 && !self->at_end)
    return FALSE;

  self->offer = TRUE;

  return TRUE;
}

static gboolean
offer_input (PhPump *self)
{
  gsize length = ph_buffer_get_length (&self->input);
  gsize taken;

  if (!self->offer || length == 0)
    return FALSE;

  self->offer = FALSE;
  taken = ph_session_feed (self->session, ph_buffer_get_data (&self->input), length);

  explicit_bzero (self->input.data + self->input.start, taken);
  ph_buffer_consume (&self->input, taken);
  if (taken == length)
    ph_buffer_clear (&self->input);

  /* A session that calls `changed` whenever it is fed, and takes nothing, must not keep us here. */
  if (taken == 0)
    self->changed = FALSE;

  return taken > 0;
}

static gboolean
send_output (PhPump  *self,
             gsize   *budget,
             GError **error)
{
  PhBuffer         *output = ph_session_get_output (self->session);
  PhTransportResult result = PH_TRANSPORT_OK;
  gsize             sent = 0;

  while (self->writable && *budget > 0 && ph_buffer_get_length (output) > 0 && result != PH_TRANSPORT_FAILED)
    {
      gsize written = 0;

      result = ph_transport_write (self->transport,
                                   ph_buffer_get_data (output),
                                   MIN (ph_buffer_get_length (output), *budget),
                                   &written,
                                   error);
      self->writable = result == PH_TRANSPORT_OK;
      ph_buffer_consume (output, written);
      *budget -= written;
      sent += written;
    }

  self->n_out += sent;
  if (sent == 0 || result == PH_TRANSPORT_FAILED)
    return FALSE;

  if (ph_buffer_get_length (output) == 0 && output->allocated > IDLE_OUTPUT)
    ph_buffer_clear (output);
  if (ph_buffer_get_length (output) < PH_SESSION_OUTPUT_HIGH / 2 && !ph_session_wants_close (self->session))
    {
      ph_session_drained (self->session);
      self->offer = TRUE;
    }

  return TRUE;
}

/* What is to follow, if anything, once all output is sent. */
static PhPumpResult
get_turn (PhPump *self)
{
  if (ph_buffer_get_length (ph_session_get_output (self->session)) > 0)
    return PH_PUMP_WAIT;
  if (ph_session_wants_close (self->session))
    return PH_PUMP_CLOSE;
  if (ph_session_wants_tls (self->session))
    return PH_PUMP_TLS;
  if (self->at_end && ph_buffer_get_length (&self->input) == 0)
    return PH_PUMP_GONE;

  return PH_PUMP_WAIT;
}

PhPumpResult
ph_pump_run (PhPump  *self,
             GError **error)
{
  gsize   read_budget = PH_PUMP_READ_BUDGET;
  gsize   write_budget = PH_PUMP_WRITE_BUDGET;
  GError *failure = NULL;

  for (guint i = 0; i < MAX_ROUNDS; i++)
    {
      PhPumpResult turn;
      gboolean     busy;

      self->offer = self->offer || self->changed;
      self->changed = FALSE;
      busy = receive (self, &read_budget, &failure);
      if (failure == NULL)
        {
          busy |= offer_input (self);
          busy |= send_output (self, &write_budget, &failure);
        }
      if (failure != NULL)
        {
          g_propagate_error (error, failure);
          return PH_PUMP_FAILED;
        }

      turn = get_turn (self);
      if (turn != PH_PUMP_WAIT)
        return turn;

      if (!busy && !self->changed)
        {
          gboolean unread = read_budget == 0 && self->readable;
          gboolean unsent = write_budget == 0 && self->writable;

          if (self->n_in > 0 && self->n_out == 0)
            ph_transport_acknowledge (self->transport);

          return unread || unsent ? PH_PUMP_AGAIN : PH_PUMP_WAIT;
        }
    }

  return PH_PUMP_AGAIN;
}
