#include "ph-service-test-row.h"

#include "ph-format.h"
#include "ph-row-name.h"

#include <glib/gi18n.h>

struct _PhServiceTestRow
{
  AdwActionRow parent_instance;

  GtkImage   *image;
  GtkSpinner *spinner;
  GtkButton  *button;

  PhServer     *server;
  PhService    *service;
  GCancellable *cancellable; /* NULL while no test runs */
};

G_DEFINE_FINAL_TYPE (PhServiceTestRow, ph_service_test_row, ADW_TYPE_ACTION_ROW)

/* Words */

static char *
describe_certificate (const PhServiceAnswer *answer)
{
  g_autofree char *day = NULL;

  if (answer->faults & PH_CERTIFICATE_FAULT_NAME)
    /* Translators: a host name */
    return g_strdup_printf (_ ("the certificate is not for %s"), answer->name);
  if (answer->faults & PH_CERTIFICATE_FAULT_DATE)
    return g_strdup (_ ("the certificate has expired, or is not good yet"));
  if (answer->faults & PH_CERTIFICATE_FAULT_UNTRUSTED)
    return g_strdup (_ ("nobody has signed the certificate whom this computer trusts"));
  if (answer->faults != 0)
    return g_strdup (_ ("clients will not accept the certificate"));

  day = ph_format_day (answer->expiry);

  /* Translators: a day */
  return g_strdup_printf (_ ("certificate good until %s"), day);
}

/* "TLS1.3" is how GnuTLS has it. */
static char *
describe_tls (const PhServiceAnswer *answer)
{
  g_autofree char *certificate = NULL;

  if (answer->tls_version == NULL)
    return g_strdup (_ ("without TLS"));

  certificate = describe_certificate (answer);
  if (g_str_has_prefix (answer->tls_version, "TLS1"))
    return g_strdup_printf ("TLS %s, %s", answer->tls_version + 3, certificate);

  return g_strdup_printf ("%s, %s", answer->tls_version, certificate);
}

static char *
describe_success (const PhServiceAnswer *answer)
{
  g_autofree char *delay = ph_format_duration (MAX (answer->delay, 0));
  g_autofree char *tls = describe_tls (answer);

  /* Translators: a test of a service: a duration, what is to say about TLS, and words of its protocol */
  return g_strdup_printf (_ ("Answered in %s · %s · offers %s"), delay, tls, answer->offers);
}

static char *
describe_unreachable (const PhServiceAnswer *answer,
                      PhService             *service)
{
  guint port = ph_service_get_port (service);

  if (ph_service_get_state (service) != PH_SERVICE_RUNNING)
    /* Translators: a port */
    return g_strdup_printf (_ ("Nothing listens on port %u: the service is stopped"), port);

  /* Translators: a port, and the system’s reason */
  return g_strdup_printf (_ ("Port %u can’t be reached: %s"), port, answer->said != NULL ? ph_format_words (answer->said) : "?");
}

static char *
describe (const PhServiceAnswer *answer,
          PhService             *service)
{
  const char *said = answer->said != NULL ? answer->said : "";
  guint       port = ph_service_get_port (service);

  if (answer->outcome == PH_SERVICE_OUTCOME_UNREACHABLE)
    return describe_unreachable (answer, service);
  if (ph_service_get_state (service) != PH_SERVICE_RUNNING)
    /* Translators: a port */
    return g_strdup_printf (_ ("The service is stopped, and another program has port %u"), port);

  switch (answer->outcome)
    {
    case PH_SERVICE_OUTCOME_ANSWERED:
      return describe_success (answer);
    case PH_SERVICE_OUTCOME_SILENT:
      return g_strdup (_ ("It did not answer in time"));
    case PH_SERVICE_OUTCOME_CLOSED:
      return g_strdup (_ ("It hung up in mid-conversation"));
    case PH_SERVICE_OUTCOME_REFUSED:
      /* Translators: a line of a mail protocol */
      return g_strdup_printf (_ ("It refused: %s"), said);
    case PH_SERVICE_OUTCOME_NO_TLS:
      /* Translators: a reason */
      return g_strdup_printf (_ ("TLS failed: %s"), ph_format_words (said));
    case PH_SERVICE_OUTCOME_STRANGE:
    case PH_SERVICE_OUTCOME_UNREACHABLE:
    default:
      /* Translators: what came over the network */
      return g_strdup_printf (_ ("That is not what this service says: %s"), said);
    }
}

/* The test */

static void
show (PhServiceTestRow *self,
      const char       *text,
      const char       *icon_name, /* NULL: nothing is known */
      const char       *style)
{
  const char *styles[] = { style, NULL };

  gtk_widget_set_visible (GTK_WIDGET (self->image), icon_name != NULL);
  gtk_image_set_from_icon_name (self->image, icon_name);
  gtk_widget_set_css_classes (GTK_WIDGET (self->image), styles);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (self), text);
}

static void
set_running (PhServiceTestRow *self,
             gboolean          is_running)
{
  gtk_widget_set_visible (GTK_WIDGET (self->spinner), is_running);
  gtk_spinner_set_spinning (self->spinner, is_running);
  gtk_button_set_label (self->button, is_running ? _ ("_Cancel") : _ ("_Test"));
}

static void
forget (PhServiceTestRow *self)
{
  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  set_running (self, FALSE);
  show (self, _ ("Connects as a mail program does, and logs in nowhere"), NULL, NULL);
}

static void
tested_cb (GObject      *source,
           GAsyncResult *result,
           gpointer      user_data)
{
  g_autoptr (PhServiceTestRow) self = user_data;
  g_autoptr (PhServiceAnswer) answer = ph_server_test_service_finish (PH_SERVER (source), result, NULL);
  g_autofree char *text = NULL;
  gboolean         is_good;

  /* Cancelled, and perhaps begun anew. */
  if (answer == NULL || self->cancellable != g_task_get_cancellable (G_TASK (result)))
    return;

  g_clear_object (&self->cancellable);
  text = describe (answer, self->service);
  is_good = answer->outcome == PH_SERVICE_OUTCOME_ANSWERED && answer->faults == 0 && ph_service_get_state (self->service) == PH_SERVICE_RUNNING;
  set_running (self, FALSE);
  show (self, text, is_good ? "emblem-ok-symbolic" : "dialog-warning-symbolic", is_good ? "success" : "warning");
}

static void
clicked_cb (PhServiceTestRow *self)
{
  if (self->cancellable != NULL)
    {
      forget (self);
      return;
    }

  self->cancellable = g_cancellable_new ();
  show (self, _ ("Connecting…"), NULL, NULL);
  set_running (self, TRUE);
  ph_server_test_service_async (self->server, self->service, self->cancellable, tested_cb, g_object_ref (self));
}

static void
ph_service_test_row_dispose (GObject *object)
{
  PhServiceTestRow *self = PH_SERVICE_TEST_ROW (object);

  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  g_clear_object (&self->server);
  g_clear_object (&self->service);
  gtk_widget_dispose_template (GTK_WIDGET (self), PH_TYPE_SERVICE_TEST_ROW);

  G_OBJECT_CLASS (ph_service_test_row_parent_class)->dispose (object);
}

static void
ph_service_test_row_class_init (PhServiceTestRowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = ph_service_test_row_dispose;

  gtk_widget_class_set_template_from_resource (widget_class, "/org/posthouse/Posthouse/ui/ph-service-test-row.ui");
  gtk_widget_class_bind_template_child (widget_class, PhServiceTestRow, image);
  gtk_widget_class_bind_template_child (widget_class, PhServiceTestRow, spinner);
  gtk_widget_class_bind_template_child (widget_class, PhServiceTestRow, button);
  gtk_widget_class_bind_template_callback (widget_class, clicked_cb);
}

static void
ph_service_test_row_init (PhServiceTestRow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  ph_row_keep_name (GTK_WIDGET (self->button));
  forget (self);
}

void
ph_service_test_row_set_service (PhServiceTestRow *self,
                                 PhServer         *server,
                                 PhService        *service)
{
  g_return_if_fail (PH_IS_SERVICE_TEST_ROW (self) && self->service == NULL);

  self->server = g_object_ref (server);
  self->service = g_object_ref (service);
  g_signal_connect_object (service, "notify::state", G_CALLBACK (forget), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (service, "notify::port", G_CALLBACK (forget), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (service, "notify::tls", G_CALLBACK (forget), self, G_CONNECT_SWAPPED);
}
