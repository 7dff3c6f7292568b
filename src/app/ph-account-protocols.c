#include "ph-account-protocols.h"

struct _PhAccountProtocols
{
  AdwPreferencesGroup parent_instance;

  GtkSwitch *imap_switch;
  GtkSwitch *pop3_switch;
  GtkSwitch *submission_switch;

  PhAccount *account;
};

G_DEFINE_FINAL_TYPE (PhAccountProtocols, ph_account_protocols, ADW_TYPE_PREFERENCES_GROUP)

#define N_ROWS 3

typedef struct
{
  GtkSwitch  *toggle;
  PhProtocols protocol;
} Row;

static void
get_rows (PhAccountProtocols *self,
          Row                 rows[N_ROWS])
{
  rows[0] = (Row){ self->imap_switch, PH_PROTOCOL_IMAP };
  rows[1] = (Row){ self->pop3_switch, PH_PROTOCOL_POP3 };
  rows[2] = (Row){ self->submission_switch, PH_PROTOCOL_SUBMISSION };
}

static void
switched_cb (PhAccountProtocols *self)
{
  guint protocols = 0;
  Row   rows[N_ROWS];

  if (self->account == NULL)
    return;

  get_rows (self, rows);
  for (guint i = 0; i < N_ROWS; i++)
    if (gtk_switch_get_active (rows[i].toggle))
      protocols |= rows[i].protocol;
  g_object_set (self->account, "protocols", protocols, NULL);
}

static void
update (PhAccountProtocols *self)
{
  PhProtocols protocols = ph_account_get_protocols (self->account);
  Row         rows[N_ROWS];

  get_rows (self, rows);
  for (guint i = 0; i < N_ROWS; i++)
    {
      g_signal_handlers_block_by_func (rows[i].toggle, switched_cb, self);
      gtk_switch_set_active (rows[i].toggle, (protocols & rows[i].protocol) != 0);
      g_signal_handlers_unblock_by_func (rows[i].toggle, switched_cb, self);
    }
}

static void
forget (PhAccountProtocols *self)
{
  if (self->account != NULL)
    g_signal_handlers_disconnect_by_data (self->account, self);
  g_clear_object (&self->account);
}

static void
ph_account_protocols_dispose (GObject *object)
{
  forget (PH_ACCOUNT_PROTOCOLS (object));
  gtk_widget_dispose_template (GTK_WIDGET (object), PH_TYPE_ACCOUNT_PROTOCOLS);

  G_OBJECT_CLASS (ph_account_protocols_parent_class)->dispose (object);
}

static void
ph_account_protocols_class_init (PhAccountProtocolsClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = ph_account_protocols_dispose;

  gtk_widget_class_set_template_from_resource (widget_class, "/org/posthouse/Posthouse/ui/ph-account-protocols.ui");
  gtk_widget_class_bind_template_child (widget_class, PhAccountProtocols, imap_switch);
  gtk_widget_class_bind_template_child (widget_class, PhAccountProtocols, pop3_switch);
  gtk_widget_class_bind_template_child (widget_class, PhAccountProtocols, submission_switch);
}

static void
ph_account_protocols_init (PhAccountProtocols *self)
{
  Row rows[N_ROWS];

  gtk_widget_init_template (GTK_WIDGET (self));
  get_rows (self, rows);
  for (guint i = 0; i < N_ROWS; i++)
    g_signal_connect_object (rows[i].toggle, "notify::active", G_CALLBACK (switched_cb), self, G_CONNECT_SWAPPED);
}

void
ph_account_protocols_set_account (PhAccountProtocols *self,
                                  PhAccount          *account)
{
  g_return_if_fail (PH_IS_ACCOUNT_PROTOCOLS (self));

  forget (self);
  if (account == NULL)
    return;

  self->account = g_object_ref (account);
  g_signal_connect_object (account, "notify::protocols", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  update (self);
}
