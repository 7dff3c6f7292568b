#include "ph-life-dialog.h"

#include "ph-life-row.h"

#include <glib/gi18n.h>

struct _PhLifeDialog
{
  AdwWindow parent_instance;

  GtkStack *stack;
  GtkBox   *groups;

  PhJournal *journal;
  GStrv      messages;
  guint      n_shown; /* steps */
};

G_DEFINE_FINAL_TYPE (PhLifeDialog, ph_life_dialog, ADW_TYPE_WINDOW)

static void
row_activated_cb (PhLifeDialog  *self,
                  GtkListBoxRow *row)
{
  GtkWindow *parent = gtk_window_get_transient_for (GTK_WINDOW (self));
  guint64    session = ph_life_row_get_session (PH_LIFE_ROW (row));

  if (session == 0 || parent == NULL)
    return;

  gtk_widget_activate_action (GTK_WIDGET (parent), "win.show-session", "t", session);
  gtk_window_close (GTK_WINDOW (self));
}

static GtkWidget *
make_list (PhLifeDialog *self,
           GPtrArray    *steps)
{
  GtkWidget *list = gtk_list_box_new ();

  gtk_list_box_set_selection_mode (GTK_LIST_BOX (list), GTK_SELECTION_NONE);
  gtk_widget_add_css_class (list, "boxed-list");
  gtk_accessible_update_property (GTK_ACCESSIBLE (list), GTK_ACCESSIBLE_PROPERTY_LABEL, _ ("Life Line"), -1);
  for (guint i = 0; i < steps->len; i++)
    {
      const PhTrailStep *step = steps->pdata[i];
      gboolean           has_session = ph_journal_find_session (self->journal, step->session) != NULL;

      gtk_list_box_append (GTK_LIST_BOX (list), ph_life_row_new (step, has_session, i == 0, i == steps->len - 1));
    }
  g_signal_connect_object (list, "row-activated", G_CALLBACK (row_activated_cb), self, G_CONNECT_SWAPPED);

  return list;
}

/* What the trail had of it is gone: nothing else begins with these. */
static gboolean
lacks_beginning (GPtrArray *steps)
{
  PhTrailKind first = ((const PhTrailStep *)steps->pdata[0])->kind;

  return first != PH_TRAIL_RECEIVED && first != PH_TRAIL_DELIVERED && first != PH_TRAIL_QUEUED;
}

static void
add_group (PhLifeDialog *self,
           const char   *message,
           GPtrArray    *steps)
{
  GtkWidget *group = adw_preferences_group_new ();

  if (g_strv_length (self->messages) > 1)
    {
      /* Translators: the ID of a message */
      g_autofree char *title = g_strdup_printf (_ ("Message %s"), message);
      g_autofree char *escaped = g_markup_escape_text (title, -1);

      adw_preferences_group_set_title (ADW_PREFERENCES_GROUP (group), escaped);
    }
  if (lacks_beginning (steps))
    adw_preferences_group_set_description (ADW_PREFERENCES_GROUP (group), _ ("What came before this is not known any more: it was before Posthouse was started, or the log has dropped it"));
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (group), make_list (self, steps));
  gtk_box_append (self->groups, group);
}

/* All of them together, each once, however many of its names are asked for. */
static GPtrArray *
find_groups (PhLifeDialog *self,
             guint        *n_steps)
{
  GPtrArray *groups = g_ptr_array_new_with_free_func ((GDestroyNotify)g_ptr_array_unref);
  g_autoptr (GHashTable) seen = g_hash_table_new (NULL, NULL);

  *n_steps = 0;
  for (guint i = 0; self->messages[i] != NULL; i++)
    {
      const char *const names[] = { self->messages[i], NULL };
      g_autoptr (GPtrArray) steps = ph_trail_find (ph_journal_get_trail (self->journal), names);

      if (steps->len == 0 || g_hash_table_contains (seen, steps->pdata[0]))
        continue;
      for (guint j = 0; j < steps->len; j++)
        g_hash_table_add (seen, steps->pdata[j]);
      *n_steps += steps->len;
      g_ptr_array_add (groups, g_steal_pointer (&steps));
    }

  return groups;
}

static void
update (PhLifeDialog *self)
{
  guint n_steps;
  g_autoptr (GPtrArray) groups = find_groups (self, &n_steps);
  GtkWidget *child;

  gtk_stack_set_visible_child_name (self->stack, n_steps > 0 ? "steps" : "none");
  if (n_steps == self->n_shown)
    return;

  self->n_shown = n_steps;
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self->groups))) != NULL)
    gtk_box_remove (self->groups, child);
  for (guint i = 0; i < groups->len; i++)
    {
      GPtrArray *steps = groups->pdata[i];

      add_group (self, ((const PhTrailStep *)steps->pdata[0])->message, steps);
    }
}

static void
ph_life_dialog_dispose (GObject *object)
{
  PhLifeDialog *self = PH_LIFE_DIALOG (object);

  g_clear_object (&self->journal);
  g_clear_pointer (&self->messages, g_strfreev);
  gtk_widget_dispose_template (GTK_WIDGET (self), PH_TYPE_LIFE_DIALOG);

  G_OBJECT_CLASS (ph_life_dialog_parent_class)->dispose (object);
}

static void
ph_life_dialog_class_init (PhLifeDialogClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = ph_life_dialog_dispose;

  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Escape, 0, "window.close", NULL);
  gtk_widget_class_set_template_from_resource (widget_class, "/org/posthouse/Posthouse/ui/ph-life-dialog.ui");
  gtk_widget_class_bind_template_child (widget_class, PhLifeDialog, stack);
  gtk_widget_class_bind_template_child (widget_class, PhLifeDialog, groups);
}

static void
ph_life_dialog_init (PhLifeDialog *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

GtkWidget *
ph_life_dialog_new (PhJournal         *journal,
                    const char *const *messages,
                    GtkWindow         *parent)
{
  PhLifeDialog *self = g_object_new (PH_TYPE_LIFE_DIALOG, "transient-for", parent, NULL);

  self->journal = g_object_ref (journal);
  self->messages = g_strdupv ((GStrv)messages);
  g_signal_connect_object (ph_journal_get_trail (journal), "changed", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  update (self);

  return GTK_WIDGET (self);
}
