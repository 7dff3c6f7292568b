#include "ph-state-look.h"

#include <glib/gi18n.h>

/* Each in the order of its enum. */

static const PhStateLook queue_looks[] = {
  { "content-loading-symbolic", N_ ("Due"), "accent" },
  { "network-transmit-symbolic", N_ ("Trying"), "accent" },
  { "document-open-recent-symbolic", N_ ("Deferred"), "warning" },
  { "media-playback-pause-symbolic", N_ ("Held"), "dim-label" },
  { "security-high-symbolic", N_ ("Kept back by the guard"), "warning" },
  { "emblem-ok-symbolic", N_ ("Delivered"), "success" },
  { "dialog-error-symbolic", N_ ("Failed"), "error" },
};
G_STATIC_ASSERT (G_N_ELEMENTS (queue_looks) == PH_QUEUE_LOOK_FAILED + 1);

static const PhStateLook session_looks[] = {
  { "network-transmit-receive-symbolic", N_ ("Running"), "accent" },
  { "emblem-ok-symbolic", N_ ("Closed"), "dim-label" },
  { "dialog-error-symbolic", N_ ("Failed"), "error" },
};
G_STATIC_ASSERT (G_N_ELEMENTS (session_looks) == PH_JOURNAL_FAILED + 1);

static const PhStateLook service_looks[] = {
  { "media-playback-stop-symbolic", N_ ("Stopped"), "dim-label" },
  { "content-loading-symbolic", N_ ("Starting"), "dim-label" },
  { "emblem-ok-symbolic", N_ ("Running"), "success" },
  { "content-loading-symbolic", N_ ("Stopping"), "dim-label" },
  { "dialog-error-symbolic", N_ ("Could not start"), "error" },
};
G_STATIC_ASSERT (G_N_ELEMENTS (service_looks) == PH_SERVICE_FAILED + 1);

const PhStateLook *
ph_state_look_of_queue (guint state)
{
  return &queue_looks[MIN (state, G_N_ELEMENTS (queue_looks) - 1)];
}

const PhStateLook *
ph_state_look_of_session (PhJournalState state)
{
  return &session_looks[MIN ((guint)state, G_N_ELEMENTS (session_looks) - 1)];
}

const PhStateLook *
ph_state_look_of_service (PhServiceState state)
{
  return &service_looks[MIN ((guint)state, G_N_ELEMENTS (service_looks) - 1)];
}

/* Rows are used again by the hundred, mostly for the same look. */
void
ph_state_look_show (const PhStateLook  *self,
                    GtkImage           *image,
                    const PhStateLook **shown)
{
  if (*shown == self)
    return;

  if (*shown != NULL)
    gtk_widget_remove_css_class (GTK_WIDGET (image), (*shown)->style);
  gtk_widget_add_css_class (GTK_WIDGET (image), self->style);
  gtk_image_set_from_icon_name (image, self->icon_name);
  *shown = self;
}
