#include "ph-service-row.h"

#include "ph-format.h"
#include "ph-row-name.h"
#include "ph-state-look.h"

#include <glib/gi18n.h>
#include <string.h>

struct _PhServiceRow
{
  AdwActionRow parent_instance;

  GtkImage  *state_image;
  GtkWidget *figures_box;
  GtkLabel  *sessions_label;
  GtkLabel  *today_label;
  GtkSwitch *running_switch;

  PhService         *service;
  const PhStateLook *look; /* of the image, NULL at first */
  PhTallyCounts      today;
  guint              ticker;
  GtkAdjustment     *page; /* that it is on; NULL while it is not seen */
  guint              fit;  /* an idle source; 0: none */
  gboolean           is_tight;
};

G_DEFINE_FINAL_TYPE (PhServiceRow, ph_service_row, ADW_TYPE_ACTION_ROW)

static guint switched_signal;

#define TICK_SECONDS 1

/* Characters; on a page that has less, nothing stands beside the address and port, which would be torn apart. */
#define TIGHT_CHARS 36

static const char *const tls_labels[] = {
  [PH_SERVICE_TLS_NONE] = N_ ("no TLS"),
  [PH_SERVICE_TLS_STARTTLS] = N_ ("STARTTLS"),
  [PH_SERVICE_TLS_IMPLICIT] = N_ ("TLS"),
};

static void
append_line (GString  *text,
             GtkLabel *label)
{
  if (gtk_widget_get_visible (GTK_WIDGET (label)))
    g_string_append_printf (text, "\n%s", gtk_label_get_label (label));
}

static void
update_subtitle (PhServiceRow *self)
{
  PhServiceState   state = ph_service_get_state (self->service);
  g_autofree char *endpoint = ph_format_endpoint (ph_service_get_address (self->service), ph_service_get_port (self->service));
  g_autoptr (GString) text = g_string_new (NULL);
  const char *reason = ph_service_get_reason (self->service);
  const char *tls = _ (tls_labels[MIN ((guint)ph_service_get_tls (self->service), G_N_ELEMENTS (tls_labels) - 1)]);

  if (state == PH_SERVICE_FAILED && reason != NULL)
    g_string_printf (text, "%s: %s", _ (ph_state_look_of_service (state)->label), reason);
  else if (ph_format_is_loopback (ph_service_get_address (self->service)))
    g_string_printf (text, "%s · %s · %s", _ (ph_state_look_of_service (state)->label), endpoint, tls);
  else
    /* Translators: the state of a service, its address and port, its security */
    g_string_printf (text, _ ("%s · %s · %s · reachable from other computers"), _ (ph_state_look_of_service (state)->label), endpoint, tls);
  if (self->is_tight)
    {
      append_line (text, self->sessions_label);
      append_line (text, self->today_label);
    }

  gtk_widget_set_visible (self->figures_box, !self->is_tight);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (self), text->str);
}

static void
update_sessions (PhServiceRow *self)
{
  guint n_sessions = ph_service_get_n_sessions (self->service);
  /* Translators: a number of connections to a service */
  g_autofree char *text = g_strdup_printf (ngettext ("%u session", "%u sessions", n_sessions), n_sessions);

  gtk_label_set_label (self->sessions_label, text);
  gtk_widget_set_visible (GTK_WIDGET (self->sessions_label), n_sessions > 0);
  if (self->is_tight)
    update_subtitle (self);
}

/* "12 messages · 46 kB today" */
static void
update_today (PhServiceRow *self)
{
  PhTallyCounts    today = ph_tally_get (ph_service_get_tally (self->service), g_get_real_time ());
  g_autofree char *size = NULL;
  g_autofree char *messages = NULL;
  g_autofree char *text = NULL;

  if (memcmp (&today, &self->today, sizeof today) == 0)
    return;
  self->today = today;
  size = g_format_size (today.bytes_in + today.bytes_out);
  if (today.messages > 0)
    messages = g_strdup_printf (ngettext ("%u message", "%u messages", (gulong)today.messages), (guint)today.messages);

  if (messages != NULL)
    /* Translators: what went through a service: a number of messages, a size */
    text = g_strdup_printf (_ ("%s · %s today"), messages, size);
  else
    /* Translators: what went through a service: a size */
    text = g_strdup_printf (_ ("%s today"), size);
  gtk_label_set_label (self->today_label, today.bytes_in + today.bytes_out > 0 ? text : "");
  gtk_widget_set_visible (GTK_WIDGET (self->today_label), today.bytes_in + today.bytes_out > 0);
  if (self->is_tight)
    update_subtitle (self);
}

/* In each direction. */
static gboolean
today_tooltip_cb (PhServiceRow *self,
                  int           x,
                  int           y,
                  gboolean      keyboard_mode,
                  GtkTooltip   *tooltip)
{
  g_autofree char *received = g_format_size (self->today.bytes_in);
  g_autofree char *sent = g_format_size (self->today.bytes_out);
  /* Translators: two sizes */
  g_autofree char *text = g_strdup_printf (_ ("%s received · %s sent since midnight, or since Posthouse was started"), received, sent);

  gtk_tooltip_set_text (tooltip, text);

  return TRUE;
}

static gboolean
tick_cb (gpointer data)
{
  update_today (data);

  return G_SOURCE_CONTINUE;
}

static gboolean
fit_cb (gpointer user_data)
{
  PhServiceRow     *self = user_data;
  PangoFontMetrics *metrics = pango_context_get_metrics (gtk_widget_get_pango_context (user_data), NULL, NULL);
  int               width = TIGHT_CHARS * pango_font_metrics_get_approximate_char_width (metrics) / PANGO_SCALE;

  pango_font_metrics_unref (metrics);
  self->fit = 0;
  self->is_tight = gtk_adjustment_get_page_size (self->page) < width;
  update_subtitle (self);

  return G_SOURCE_REMOVE;
}

/* Later, as what gets its size can't have other children. */
static void
page_size_cb (PhServiceRow *self)
{
  if (self->fit == 0)
    self->fit = g_idle_add_full (G_PRIORITY_HIGH_IDLE, fit_cb, self, NULL);
}

/* Nothing is counted for a row that nobody sees. */
static void
ph_service_row_map (GtkWidget *widget)
{
  PhServiceRow *self = PH_SERVICE_ROW (widget);
  GtkWidget    *scroller = gtk_widget_get_ancestor (widget, GTK_TYPE_SCROLLED_WINDOW);

  GTK_WIDGET_CLASS (ph_service_row_parent_class)->map (widget);
  if (self->service == NULL)
    return;
  if (scroller != NULL)
    {
      self->page = g_object_ref (gtk_scrolled_window_get_hadjustment (GTK_SCROLLED_WINDOW (scroller)));
      g_signal_connect_swapped (self->page, "notify::page-size", G_CALLBACK (page_size_cb), self);
      page_size_cb (self);
    }
  update_today (self);
  self->ticker = g_timeout_add_seconds (TICK_SECONDS, tick_cb, self);
}

static void
leave_page (PhServiceRow *self)
{
  g_clear_handle_id (&self->fit, g_source_remove);
  if (self->page != NULL)
    g_signal_handlers_disconnect_by_data (self->page, self);
  g_clear_object (&self->page);
}

static void
ph_service_row_unmap (GtkWidget *widget)
{
  leave_page (PH_SERVICE_ROW (widget));
  g_clear_handle_id (&PH_SERVICE_ROW (widget)->ticker, g_source_remove);
  GTK_WIDGET_CLASS (ph_service_row_parent_class)->unmap (widget);
}

static gboolean
state_set_cb (PhServiceRow *self,
              gboolean      wanted)
{
  PhServiceState state = ph_service_get_state (self->service);
  gboolean       is_on = state == PH_SERVICE_RUNNING || state == PH_SERVICE_STARTING;

  if (wanted != is_on)
    g_signal_emit (self, switched_signal, 0, wanted);

  return TRUE; /* update() sets the state, when it is one */
}

static void
update (PhServiceRow *self)
{
  PhServiceState state = ph_service_get_state (self->service);
  gboolean       is_on = state == PH_SERVICE_RUNNING || state == PH_SERVICE_STARTING;

  ph_state_look_show (ph_state_look_of_service (state), self->state_image, &self->look);
  update_sessions (self);
  update_subtitle (self);

  g_signal_handlers_block_by_func (self->running_switch, state_set_cb, self);
  gtk_switch_set_active (self->running_switch, is_on);
  gtk_switch_set_state (self->running_switch, state == PH_SERVICE_RUNNING);
  g_signal_handlers_unblock_by_func (self->running_switch, state_set_cb, self);
  gtk_widget_set_sensitive (GTK_WIDGET (self->running_switch), state != PH_SERVICE_STOPPING);
}

static void
ph_service_row_dispose (GObject *object)
{
  PhServiceRow *self = PH_SERVICE_ROW (object);

  leave_page (self);
  g_clear_handle_id (&self->ticker, g_source_remove);
  if (self->service != NULL)
    g_signal_handlers_disconnect_by_data (self->service, self);
  g_clear_object (&self->service);
  gtk_widget_dispose_template (GTK_WIDGET (self), PH_TYPE_SERVICE_ROW);

  G_OBJECT_CLASS (ph_service_row_parent_class)->dispose (object);
}

static void
ph_service_row_class_init (PhServiceRowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = ph_service_row_dispose;
  widget_class->map = ph_service_row_map;
  widget_class->unmap = ph_service_row_unmap;
  switched_signal = g_signal_new ("switched", PH_TYPE_SERVICE_ROW, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_BOOLEAN);

  gtk_widget_class_set_template_from_resource (widget_class, "/org/posthouse/Posthouse/ui/ph-service-row.ui");
  gtk_widget_class_bind_template_child (widget_class, PhServiceRow, state_image);
  gtk_widget_class_bind_template_child (widget_class, PhServiceRow, figures_box);
  gtk_widget_class_bind_template_child (widget_class, PhServiceRow, sessions_label);
  gtk_widget_class_bind_template_child (widget_class, PhServiceRow, today_label);
  gtk_widget_class_bind_template_child (widget_class, PhServiceRow, running_switch);
  gtk_widget_class_bind_template_callback (widget_class, today_tooltip_cb);
}

static void
ph_service_row_init (PhServiceRow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

GtkWidget *
ph_service_row_new (PhService *service)
{
  PhServiceRow    *self = g_object_new (PH_TYPE_SERVICE_ROW, NULL);
  g_autofree char *label = NULL;

  self->service = g_object_ref (service);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self), ph_service_get_title (service));
  /* Translators: the name of a service; what a switch does, for screen readers */
  label = g_strdup_printf (_ ("Run %s"), ph_service_get_title (service));
  ph_row_name_control (GTK_WIDGET (self->running_switch), label);
  g_signal_connect_object (self->running_switch, "state-set", G_CALLBACK (state_set_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (service, "notify::n-sessions", G_CALLBACK (update_sessions), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (service, "notify::state", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (service, "notify::reason", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (service, "notify::address", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (service, "notify::port", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (service, "notify::tls", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  update (self);

  return GTK_WIDGET (self);
}

PhService *
ph_service_row_get_service (PhServiceRow *self)
{
  g_return_val_if_fail (PH_IS_SERVICE_ROW (self), NULL);

  return self->service;
}
