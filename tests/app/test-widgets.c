#include "ph-banner.h"
#include "ph-fold.h"
#include "ph-resources.h"
#include "ph-time-label.h"
#include "ph-title.h"
#include "ph-transcript-row.h"
#include "ph-transcript.h"

/* A template names what its class does not have only at run time: each is made and destroyed. */
static void
test_make_and_destroy (gconstpointer data)
{
  GType      type = ((GType (*) (void))data) ();
  GtkWidget *widget = g_object_ref_sink (g_object_new (type, NULL));
  GtkWidget *window = gtk_window_new ();

  gtk_window_set_child (GTK_WINDOW (window), widget);
  gtk_window_present (GTK_WINDOW (window));
  gtk_window_destroy (GTK_WINDOW (window));
  while (g_main_context_iteration (NULL, FALSE))
    ;

  g_object_add_weak_pointer (G_OBJECT (widget), (gpointer *)&widget);
  g_object_unref (widget);
  g_assert_null (widget);
}

static const struct
{
  const char *path;
  GType (*get_type) (void);
} widgets[] = {
  { "/app/widgets/banner", ph_banner_get_type },
  { "/app/widgets/fold", ph_fold_get_type },
  { "/app/widgets/time-label", ph_time_label_get_type },
  { "/app/widgets/title", ph_title_get_type },
  { "/app/widgets/transcript-row", ph_transcript_row_get_type },
  { "/app/widgets/transcript", ph_transcript_get_type },
};

int
main (int   argc,
      char *argv[])
{
  gtk_test_init (&argc, &argv, NULL);
  adw_init ();
  g_resources_register (ph_get_resource ());

  for (guint i = 0; i < G_N_ELEMENTS (widgets); i++)
    g_test_add_data_func (widgets[i].path, (gconstpointer)widgets[i].get_type, test_make_and_destroy);

  return g_test_run ();
}
