#include "ph-queue-view.h"

#include "ph-confirm.h"
#include "ph-queue-details.h"
#include "ph-queue-row.h"
#include "ph-row-factory.h"
#include "ph-server.h"
#include "ph-state-look.h"

#include <glib/gi18n.h>

/* One of the two lists. */
typedef struct
{
  GtkStack          *stack;
  GtkListView       *list;
  GtkSelectionModel *selection;
} PhQueuePane;

struct _PhQueueView
{
  AdwBin parent_instance;

  GtkStack     *panes_stack;
  GtkStack     *queue_stack;
  GtkListView  *queue_list;
  GtkStack     *bad_stack;
  GtkListView  *bad_list;
  GtkActionBar *action_bar;
  GtkLabel     *chosen_label;

  PhQueuePane queue;
  PhQueuePane bad;
  GPtrArray  *watched; /* the chosen items, whose state says what can be done */
};

G_DEFINE_FINAL_TYPE (PhQueueView, ph_queue_view, ADW_TYPE_BIN)

static guint queue_action_signal;

/* What each action does, where, and which rows it makes sense for. */
static const struct
{
  const char   *name;
  PhQueueAction action;
  gboolean      for_queue;
  gboolean      for_bad;
  guint         states; /* a bit for each PhQueueLook */
} actions[] = {
  { "queue.try-now", PH_QUEUE_ACTION_TRY_NOW, TRUE, FALSE, 1 << PH_QUEUE_LOOK_DUE | 1 << PH_QUEUE_LOOK_DEFERRED },
  { "queue.hold", PH_QUEUE_ACTION_HOLD, TRUE, FALSE, 1 << PH_QUEUE_LOOK_DUE | 1 << PH_QUEUE_LOOK_DEFERRED | 1 << PH_QUEUE_LOOK_GUARDED },
  { "queue.release", PH_QUEUE_ACTION_RELEASE, TRUE, FALSE, 1 << PH_QUEUE_LOOK_HELD },
  { "queue.bounce", PH_QUEUE_ACTION_BOUNCE, TRUE, FALSE, ~0u },
  { "queue.requeue", PH_QUEUE_ACTION_REQUEUE, FALSE, TRUE, ~0u },
  { "queue.delete", PH_QUEUE_ACTION_DELETE, TRUE, TRUE, ~0u },
};

static gboolean
shows_bad (PhQueueView *self)
{
  return g_strcmp0 (gtk_stack_get_visible_child_name (self->panes_stack), "bad") == 0;
}

static PhQueuePane *
get_pane (PhQueueView *self)
{
  return shows_bad (self) ? &self->bad : &self->queue;
}

/* The chosen items; to be freed by the caller. */
static GPtrArray *
dup_chosen (PhQueueView *self)
{
  GPtrArray   *items = g_ptr_array_new_with_free_func (g_object_unref);
  PhQueuePane *pane = get_pane (self);
  g_autoptr (GtkBitset) chosen = pane->selection != NULL ? gtk_selection_model_get_selection (pane->selection) : gtk_bitset_new_empty ();
  GtkBitsetIter iter;
  guint         position;

  if (gtk_bitset_iter_init_first (&iter, chosen, &position))
    do
      g_ptr_array_add (items, g_list_model_get_item (G_LIST_MODEL (pane->selection), position));
    while (gtk_bitset_iter_next (&iter, &position));

  return items;
}

static guint
get_states (GPtrArray *items)
{
  guint states = 0;

  for (guint i = 0; i < items->len; i++)
    {
      guint state;

      g_object_get (g_ptr_array_index (items, i), "state", &state, NULL);
      states |= 1u << MIN (state, 31u);
    }

  return states;
}

/* Of a list, the buttons that are never for its messages are not there: there is little room for them all. */
static void
show_buttons (PhQueueView *self,
              GtkWidget   *widget)
{
  const char *name = GTK_IS_ACTIONABLE (widget) ? gtk_actionable_get_action_name (GTK_ACTIONABLE (widget)) : NULL;

  for (guint i = 0; i < G_N_ELEMENTS (actions) && name != NULL; i++)
    if (g_str_equal (actions[i].name, name))
      gtk_widget_set_visible (widget, shows_bad (self) ? actions[i].for_bad : actions[i].for_queue);
  if (g_strcmp0 (name, "queue.reroute") == 0)
    gtk_widget_set_visible (widget, !shows_bad (self));

  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL && name == NULL; child = gtk_widget_get_next_sibling (child))
    show_buttons (self, child);
}

/* On another way: those that wait for something, not those that are gone. */
#define REROUTE_STATES (1u << PH_QUEUE_LOOK_DUE | 1u << PH_QUEUE_LOOK_DEFERRED | 1u << PH_QUEUE_LOOK_GUARDED | 1u << PH_QUEUE_LOOK_HELD)

static void
update_actions (PhQueueView *self)
{
  g_autoptr (GPtrArray) items = dup_chosen (self);
  guint states = get_states (items);
  /* Translators: a number of messages */
  g_autofree char *text = g_strdup_printf (ngettext ("%u message chosen", "%u messages chosen", items->len), items->len);

  gtk_label_set_label (self->chosen_label, text);
  gtk_action_bar_set_revealed (self->action_bar, items->len > 0);
  for (guint i = 0; i < G_N_ELEMENTS (actions); i++)
    gtk_widget_action_set_enabled (GTK_WIDGET (self), actions[i].name,
                                   items->len > 0 && (shows_bad (self) ? actions[i].for_bad : actions[i].for_queue && (actions[i].states & states) != 0));
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "queue.reroute", !shows_bad (self) && (states & REROUTE_STATES) != 0);
}

/* The state of a chosen message may change while it is chosen. */
static void
watch_chosen (PhQueueView *self)
{
  for (guint i = 0; i < self->watched->len; i++)
    g_signal_handlers_disconnect_by_func (g_ptr_array_index (self->watched, i), update_actions, self);
  g_ptr_array_unref (self->watched);

  self->watched = dup_chosen (self);
  for (guint i = 0; i < self->watched->len; i++)
    g_signal_connect_object (g_ptr_array_index (self->watched, i), "notify::state", G_CALLBACK (update_actions), self, G_CONNECT_SWAPPED);
  update_actions (self);
}

static void
update_pane (PhQueueView *self,
             PhQueuePane *pane)
{
  gtk_stack_set_visible_child_name (pane->stack, g_list_model_get_n_items (G_LIST_MODEL (pane->selection)) > 0 ? "list" : "empty");
  watch_chosen (self);
}

static void
queue_changed_cb (PhQueueView *self)
{
  update_pane (self, &self->queue);
}

static void
bad_changed_cb (PhQueueView *self)
{
  update_pane (self, &self->bad);
}

static void
pane_shown_cb (PhQueueView *self)
{
  show_buttons (self, GTK_WIDGET (self->action_bar));
  watch_chosen (self);
}

static void
activated_cb (PhQueueView *self,
              guint        position,
              GtkListView *list)
{
  PhQueuePane *pane = list == self->bad.list ? &self->bad : &self->queue;
  g_autoptr (GObject) item = g_list_model_get_item (G_LIST_MODEL (pane->selection), position);
  GtkRoot *root = gtk_widget_get_root (GTK_WIDGET (self));

  if (item != NULL)
    gtk_window_present (GTK_WINDOW (ph_queue_details_new (item, GTK_IS_WINDOW (root) ? GTK_WINDOW (root) : NULL)));
}

/* Actions */

typedef struct
{
  PhQueueView  *view;
  GPtrArray    *items;
  PhQueueAction action;
} PhQueueRequest;

static void
ph_queue_request_free (gpointer data)
{
  PhQueueRequest *request = data;

  g_object_unref (request->view);
  g_ptr_array_unref (request->items);
  g_free (request);
}

static void
carry_out (gboolean checked,
           gpointer data)
{
  PhQueueRequest *request = data;

  for (guint i = 0; i < request->items->len; i++)
    {
      g_autofree char *id = NULL;

      g_object_get (g_ptr_array_index (request->items, i), "id", &id, NULL);
      g_signal_emit (request->view, queue_action_signal, 0, id, (guint)request->action);
    }
  update_actions (request->view);
}

static void
ask (PhQueueView    *self,
     PhQueueRequest *request)
{
  guint            n = request->items->len;
  g_autofree char *heading = NULL;

  if (request->action == PH_QUEUE_ACTION_DELETE)
    {
      /* Translators: a number of messages */
      heading = g_strdup_printf (ngettext ("Delete %u message?", "Delete %u messages?", n), n);
      ph_confirm (GTK_WIDGET (self), heading, _ ("It is gone for good, and its sender is not told."), _ ("_Delete"), NULL, carry_out, request, ph_queue_request_free);
    }
  else
    {
      /* Translators: a number of messages that are not to be tried again */
      heading = g_strdup_printf (ngettext ("Give up %u message?", "Give up %u messages?", n), n);
      ph_confirm (GTK_WIDGET (self), heading, _ ("Its sender gets a report that it could not be delivered. It is kept under “Failed”."), _ ("_Give Up"), NULL, carry_out, request, ph_queue_request_free);
    }
}

static void
action_cb (GtkWidget  *widget,
           const char *name,
           GVariant   *parameter)
{
  PhQueueView    *self = PH_QUEUE_VIEW (widget);
  PhQueueRequest *request = g_new0 (PhQueueRequest, 1);

  request->view = g_object_ref (self);
  request->items = dup_chosen (self);
  for (guint i = 0; i < G_N_ELEMENTS (actions); i++)
    if (g_str_equal (actions[i].name, name))
      request->action = actions[i].action;

  if (request->items->len > 0 && (request->action == PH_QUEUE_ACTION_DELETE || request->action == PH_QUEUE_ACTION_BOUNCE))
    {
      ask (self, request);
      return;
    }

  carry_out (FALSE, request);
  ph_queue_request_free (request);
}

/* Whoever has the server asks for the way. */
static void
reroute_cb (GtkWidget  *widget,
            const char *name,
            GVariant   *parameter)
{
  g_autoptr (GPtrArray) items = dup_chosen (PH_QUEUE_VIEW (widget));
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_auto (GStrv) ids = NULL;

  for (guint i = 0; i < items->len; i++)
    {
      g_autofree char *id = NULL;

      g_object_get (g_ptr_array_index (items, i), "id", &id, NULL);
      g_strv_builder_add (builder, id);
    }
  ids = g_strv_builder_end (builder);
  gtk_widget_activate_action (widget, "win.reroute", "^as", ids);
}

static void
ph_queue_view_dispose (GObject *object)
{
  PhQueueView *self = PH_QUEUE_VIEW (object);

  for (guint i = 0; i < self->watched->len; i++)
    g_signal_handlers_disconnect_by_func (g_ptr_array_index (self->watched, i), update_actions, self);
  g_ptr_array_set_size (self->watched, 0);
  if (self->queue_list != NULL)
    gtk_list_view_set_model (self->queue_list, NULL);
  if (self->bad_list != NULL)
    gtk_list_view_set_model (self->bad_list, NULL);
  g_clear_object (&self->queue.selection);
  g_clear_object (&self->bad.selection);
  gtk_widget_dispose_template (GTK_WIDGET (self), PH_TYPE_QUEUE_VIEW);

  G_OBJECT_CLASS (ph_queue_view_parent_class)->dispose (object);
}

static void
ph_queue_view_finalize (GObject *object)
{
  g_ptr_array_unref (PH_QUEUE_VIEW (object)->watched);

  G_OBJECT_CLASS (ph_queue_view_parent_class)->finalize (object);
}

static void
ph_queue_view_class_init (PhQueueViewClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = ph_queue_view_dispose;
  G_OBJECT_CLASS (klass)->finalize = ph_queue_view_finalize;
  queue_action_signal = g_signal_new ("queue-action", PH_TYPE_QUEUE_VIEW, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                      G_TYPE_NONE, 2, G_TYPE_STRING, G_TYPE_UINT);

  for (guint i = 0; i < G_N_ELEMENTS (actions); i++)
    gtk_widget_class_install_action (widget_class, actions[i].name, NULL, action_cb);
  gtk_widget_class_install_action (widget_class, "queue.reroute", NULL, reroute_cb);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Delete, 0, "queue.delete", NULL);

  gtk_widget_class_set_template_from_resource (widget_class, "/org/posthouse/Posthouse/ui/ph-queue-view.ui");
  gtk_widget_class_bind_template_child (widget_class, PhQueueView, panes_stack);
  gtk_widget_class_bind_template_child (widget_class, PhQueueView, queue_stack);
  gtk_widget_class_bind_template_child (widget_class, PhQueueView, queue_list);
  gtk_widget_class_bind_template_child (widget_class, PhQueueView, bad_stack);
  gtk_widget_class_bind_template_child (widget_class, PhQueueView, bad_list);
  gtk_widget_class_bind_template_child (widget_class, PhQueueView, action_bar);
  gtk_widget_class_bind_template_child (widget_class, PhQueueView, chosen_label);
  gtk_widget_class_bind_template_callback (widget_class, activated_cb);
  gtk_widget_class_bind_template_callback (widget_class, pane_shown_cb);
}

static void
ph_queue_view_init (PhQueueView *self)
{
  g_autoptr (GtkListItemFactory) queue_factory = ph_row_factory_new (PH_TYPE_QUEUE_ROW, "item");
  g_autoptr (GtkListItemFactory) bad_factory = ph_row_factory_new (PH_TYPE_QUEUE_ROW, "item");

  self->watched = g_ptr_array_new ();
  gtk_widget_init_template (GTK_WIDGET (self));
  self->queue = (PhQueuePane){ self->queue_stack, self->queue_list, NULL };
  self->bad = (PhQueuePane){ self->bad_stack, self->bad_list, NULL };
  gtk_list_view_set_factory (self->queue_list, queue_factory);
  gtk_list_view_set_factory (self->bad_list, bad_factory);
  show_buttons (self, GTK_WIDGET (self->action_bar));
  update_actions (self);
}

static void
set_model (PhQueueView *self,
           PhQueuePane *pane,
           GListModel  *model,
           GCallback    changed)
{
  g_clear_object (&pane->selection);
  pane->selection = GTK_SELECTION_MODEL (gtk_multi_selection_new (g_object_ref (model)));
  gtk_list_view_set_model (pane->list, pane->selection);
  g_signal_connect_object (pane->selection, "items-changed", changed, self, G_CONNECT_SWAPPED | G_CONNECT_AFTER);
  g_signal_connect_object (pane->selection, "selection-changed", changed, self, G_CONNECT_SWAPPED);
  update_pane (self, pane);
}

void
ph_queue_view_set_models (PhQueueView *self,
                          GListModel  *queue,
                          GListModel  *bad)
{
  g_return_if_fail (PH_IS_QUEUE_VIEW (self));

  set_model (self, &self->queue, queue, G_CALLBACK (queue_changed_cb));
  set_model (self, &self->bad, bad, G_CALLBACK (bad_changed_cb));
}
