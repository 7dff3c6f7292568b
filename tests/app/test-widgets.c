#include "ph-account-aliases.h"
#include "ph-account-chip.h"
#include "ph-account-details.h"
#include "ph-account-dialog.h"
#include "ph-account-forwarding.h"
#include "ph-account-logins.h"
#include "ph-account-page.h"
#include "ph-account-protocols.h"
#include "ph-account-reply.h"
#include "ph-account-row.h"
#include "ph-account-storage.h"
#include "ph-account-transfer.h"
#include "ph-accounts-view.h"
#include "ph-app-password-dialog.h"
#include "ph-app-password-row.h"
#include "ph-app-passwords.h"
#include "ph-attention.h"
#include "ph-backup-group.h"
#include "ph-banner.h"
#include "ph-blocked-group.h"
#include "ph-certificate-dialog.h"
#include "ph-certificate-page.h"
#include "ph-connect-dialog.h"
#include "ph-connect-files.h"
#include "ph-connect-note.h"
#include "ph-connect-row.h"
#include "ph-copy-row.h"
#include "ph-day-button.h"
#include "ph-domain-alias-row.h"
#include "ph-domain-row.h"
#include "ph-domains-group.h"
#include "ph-fold.h"
#include "ph-guard-button.h"
#include "ph-keeping-group.h"
#include "ph-life-dialog.h"
#include "ph-life-mark.h"
#include "ph-life-row.h"
#include "ph-limits-group.h"
#include "ph-line-detail.h"
#include "ph-mail-composer.h"
#include "ph-mail-details.h"
#include "ph-mail-folder-row.h"
#include "ph-mail-messages.h"
#include "ph-mail-parts.h"
#include "ph-mail-reader.h"
#include "ph-mail-row.h"
#include "ph-mail-text-view.h"
#include "ph-mail-view.h"
#include "ph-open-banner.h"
#include "ph-overview-view.h"
#include "ph-password-dialog.h"
#include "ph-password-field.h"
#include "ph-plot.h"
#include "ph-preferences.h"
#include "ph-qr-code.h"
#include "ph-queue-details.h"
#include "ph-queue-row.h"
#include "ph-queue-view.h"
#include "ph-recipient-row.h"
#include "ph-relay-page.h"
#include "ph-route-dialog.h"
#include "ph-service-row.h"
#include "ph-service-settings-row.h"
#include "ph-service-test-row.h"
#include "ph-session-row.h"
#include "ph-session-summary.h"
#include "ph-sessions-view.h"
#include "ph-storage-group.h"
#include "ph-time-label.h"
#include "ph-title.h"
#include "ph-traffic-group.h"
#include "ph-transcript-row.h"
#include "ph-transcript.h"
#include "ph-transfer-dialog.h"
#include "ph-trouble-window.h"
#include "ph-use-meter.h"
#include "ph-window.h"

/* A template names what its class does not have only at run time: each is made and destroyed. */
static const struct
{
  const char *path;
  GType (*get_type) (void);
} widgets[] = {
  { "/app/widgets/account-aliases", ph_account_aliases_get_type },
  { "/app/widgets/account-chip", ph_account_chip_get_type },
  { "/app/widgets/account-details", ph_account_details_get_type },
  { "/app/widgets/account-dialog", ph_account_dialog_get_type },
  { "/app/widgets/account-forwarding", ph_account_forwarding_get_type },
  { "/app/widgets/account-protocols", ph_account_protocols_get_type },
  { "/app/widgets/account-logins", ph_account_logins_get_type },
  { "/app/widgets/account-page", ph_account_page_get_type },
  { "/app/widgets/account-reply", ph_account_reply_get_type },
  { "/app/widgets/account-row", ph_account_row_get_type },
  { "/app/widgets/account-storage", ph_account_storage_get_type },
  { "/app/widgets/account-transfer", ph_account_transfer_get_type },
  { "/app/widgets/accounts-view", ph_accounts_view_get_type },
  { "/app/widgets/app-password-dialog", ph_app_password_dialog_get_type },
  { "/app/widgets/app-password-row", ph_app_password_row_get_type },
  { "/app/widgets/app-passwords", ph_app_passwords_get_type },
  { "/app/widgets/attention", ph_attention_get_type },
  { "/app/widgets/backup-group", ph_backup_group_get_type },
  { "/app/widgets/banner", ph_banner_get_type },
  { "/app/widgets/blocked-group", ph_blocked_group_get_type },
  { "/app/widgets/certificate-dialog", ph_certificate_dialog_get_type },
  { "/app/widgets/certificate-page", ph_certificate_page_get_type },
  { "/app/widgets/connect-dialog", ph_connect_dialog_get_type },
  { "/app/widgets/connect-files", ph_connect_files_get_type },
  { "/app/widgets/connect-note", ph_connect_note_get_type },
  { "/app/widgets/connect-row", ph_connect_row_get_type },
  { "/app/widgets/copy-row", ph_copy_row_get_type },
  { "/app/widgets/day-button", ph_day_button_get_type },
  { "/app/widgets/domain-alias-row", ph_domain_alias_row_get_type },
  { "/app/widgets/domain-row", ph_domain_row_get_type },
  { "/app/widgets/domains-group", ph_domains_group_get_type },
  { "/app/widgets/fold", ph_fold_get_type },
  { "/app/widgets/guard-button", ph_guard_button_get_type },
  { "/app/widgets/keeping-group", ph_keeping_group_get_type },
  { "/app/widgets/life-dialog", ph_life_dialog_get_type },
  { "/app/widgets/life-mark", ph_life_mark_get_type },
  { "/app/widgets/life-row", ph_life_row_get_type },
  { "/app/widgets/limits-group", ph_limits_group_get_type },
  { "/app/widgets/line-detail", ph_line_detail_get_type },
  { "/app/widgets/mail-composer", ph_mail_composer_get_type },
  { "/app/widgets/mail-details", ph_mail_details_get_type },
  { "/app/widgets/mail-folder-row", ph_mail_folder_row_get_type },
  { "/app/widgets/mail-messages", ph_mail_messages_get_type },
  { "/app/widgets/mail-parts", ph_mail_parts_get_type },
  { "/app/widgets/mail-reader", ph_mail_reader_get_type },
  { "/app/widgets/mail-row", ph_mail_row_get_type },
  { "/app/widgets/mail-text-view", ph_mail_text_view_get_type },
  { "/app/widgets/mail-view", ph_mail_view_get_type },
  { "/app/widgets/open-banner", ph_open_banner_get_type },
  { "/app/widgets/overview-view", ph_overview_view_get_type },
  { "/app/widgets/password-dialog", ph_password_dialog_get_type },
  { "/app/widgets/password-field", ph_password_field_get_type },
  { "/app/widgets/plot", ph_plot_get_type },
  { "/app/widgets/preferences", ph_preferences_get_type },
  { "/app/widgets/qr-code", ph_qr_code_get_type },
  { "/app/widgets/queue-details", ph_queue_details_get_type },
  { "/app/widgets/queue-row", ph_queue_row_get_type },
  { "/app/widgets/queue-view", ph_queue_view_get_type },
  { "/app/widgets/recipient-row", ph_recipient_row_get_type },
  { "/app/widgets/relay-page", ph_relay_page_get_type },
  { "/app/widgets/route-dialog", ph_route_dialog_get_type },
  { "/app/widgets/service-row", ph_service_row_get_type },
  { "/app/widgets/service-settings-row", ph_service_settings_row_get_type },
  { "/app/widgets/service-test-row", ph_service_test_row_get_type },
  { "/app/widgets/session-row", ph_session_row_get_type },
  { "/app/widgets/session-summary", ph_session_summary_get_type },
  { "/app/widgets/sessions-view", ph_sessions_view_get_type },
  { "/app/widgets/storage-group", ph_storage_group_get_type },
  { "/app/widgets/time-label", ph_time_label_get_type },
  { "/app/widgets/title", ph_title_get_type },
  { "/app/widgets/transcript", ph_transcript_get_type },
  { "/app/widgets/traffic-group", ph_traffic_group_get_type },
  { "/app/widgets/transcript-row", ph_transcript_row_get_type },
  { "/app/widgets/transfer-dialog", ph_transfer_dialog_get_type },
  { "/app/widgets/trouble-window", ph_trouble_window_get_type },
  { "/app/widgets/use-meter", ph_use_meter_get_type },
  { "/app/widgets/window", ph_window_get_type },
};

static void
spin (void)
{
  while (g_main_context_iteration (NULL, FALSE))
    ;
}

static void
test_make_and_destroy (gconstpointer data)
{
  GType    type = widgets[GPOINTER_TO_SIZE (data)].get_type ();
  GObject *widget = g_object_ref_sink (g_object_new (type, NULL));

  if (!GTK_IS_WINDOW (widget))
    {
      GtkWidget *window = gtk_window_new ();
      GtkWidget *child = GTK_WIDGET (widget);

      if (GTK_IS_LIST_BOX_ROW (widget))
        {
          child = gtk_list_box_new ();
          gtk_list_box_append (GTK_LIST_BOX (child), GTK_WIDGET (widget));
        }
      gtk_window_set_child (GTK_WINDOW (window), child);
      gtk_window_present (GTK_WINDOW (window));
      spin ();
      gtk_window_destroy (GTK_WINDOW (window));
    }
  else
    gtk_window_destroy (GTK_WINDOW (widget));
  spin ();

  g_object_add_weak_pointer (widget, (gpointer *)&widget);
  g_object_unref (widget);
  g_assert_null (widget);
}

int
main (int   argc,
      char *argv[])
{
  gtk_test_init (&argc, &argv, NULL);
  adw_init ();

  for (gsize i = 0; i < G_N_ELEMENTS (widgets); i++)
    g_test_add_data_func (widgets[i].path, GSIZE_TO_POINTER (i), test_make_and_destroy);

  return g_test_run ();
}
