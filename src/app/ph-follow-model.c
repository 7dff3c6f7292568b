#include "ph-follow-model.h"

struct _PhFollowModel
{
  GObject parent_instance;

  GListModel *model;
  guint       n_items; /* shown: the first ones of the model */
  gboolean    following;
};

static GType
ph_follow_model_get_item_type (GListModel *model)
{
  return G_TYPE_OBJECT;
}

static guint
ph_follow_model_get_n_items (GListModel *model)
{
  return PH_FOLLOW_MODEL (model)->n_items;
}

static gpointer
ph_follow_model_get_item (GListModel *model,
                          guint       position)
{
  PhFollowModel *self = PH_FOLLOW_MODEL (model);

  return position < self->n_items ? g_list_model_get_item (self->model, position) : NULL;
}

static void
list_model_init (GListModelInterface *iface)
{
  iface->get_item_type = ph_follow_model_get_item_type;
  iface->get_n_items = ph_follow_model_get_n_items;
  iface->get_item = ph_follow_model_get_item;
}

G_DEFINE_FINAL_TYPE_WITH_CODE (PhFollowModel, ph_follow_model, G_TYPE_OBJECT, G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL, list_model_init))

enum {
  PROP_0,
  PROP_MODEL,
  PROP_FOLLOWING,
  PROP_N_NEW,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

guint
ph_follow_model_get_n_new (PhFollowModel *self)
{
  g_return_val_if_fail (PH_IS_FOLLOW_MODEL (self), 0);

  return self->model != NULL ? g_list_model_get_n_items (self->model) - self->n_items : 0;
}

static void
items_changed_cb (PhFollowModel *self,
                  guint          position,
                  guint          removed,
                  guint          added)
{
  guint n_before = self->n_items, n_shown_removed;

  if (position >= n_before && !self->following)
    {
      g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_N_NEW]);
      return;
    }

  /* Of what is added, only that before something shown is, unless it follows. */
  n_shown_removed = MIN (removed, n_before - MIN (position, n_before));
  if (!self->following && position + removed >= n_before)
    added = MIN (added, n_shown_removed);
  self->n_items = n_before - n_shown_removed + added;
  if (n_shown_removed > 0 || added > 0)
    g_list_model_items_changed (G_LIST_MODEL (self), position, n_shown_removed, added);
  if (!self->following)
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_N_NEW]);
}

static void
catch_up (PhFollowModel *self)
{
  guint n_new = ph_follow_model_get_n_new (self);

  if (n_new == 0)
    return;

  self->n_items += n_new;
  g_list_model_items_changed (G_LIST_MODEL (self), self->n_items - n_new, 0, n_new);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_N_NEW]);
}

static void
ph_follow_model_get_property (GObject    *object,
                              guint       id,
                              GValue     *value,
                              GParamSpec *pspec)
{
  PhFollowModel *self = PH_FOLLOW_MODEL (object);

  switch (id)
    {
    case PROP_MODEL:
      g_value_set_object (value, self->model);
      break;
    case PROP_FOLLOWING:
      g_value_set_boolean (value, self->following);
      break;
    case PROP_N_NEW:
      g_value_set_uint (value, ph_follow_model_get_n_new (self));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
ph_follow_model_set_property (GObject      *object,
                              guint         id,
                              const GValue *value,
                              GParamSpec   *pspec)
{
  PhFollowModel *self = PH_FOLLOW_MODEL (object);

  switch (id)
    {
    case PROP_MODEL:
      ph_follow_model_set_model (self, g_value_get_object (value));
      break;
    case PROP_FOLLOWING:
      ph_follow_model_set_following (self, g_value_get_boolean (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
ph_follow_model_dispose (GObject *object)
{
  PhFollowModel *self = PH_FOLLOW_MODEL (object);

  if (self->model != NULL)
    g_signal_handlers_disconnect_by_data (self->model, self);
  g_clear_object (&self->model);
  self->n_items = 0;

  G_OBJECT_CLASS (ph_follow_model_parent_class)->dispose (object);
}

static void
ph_follow_model_class_init (PhFollowModelClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = ph_follow_model_get_property;
  object_class->set_property = ph_follow_model_set_property;
  object_class->dispose = ph_follow_model_dispose;

  properties[PROP_MODEL] = g_param_spec_object ("model", NULL, NULL, G_TYPE_LIST_MODEL, G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS);
  properties[PROP_FOLLOWING] = g_param_spec_boolean ("following", NULL, NULL, TRUE, G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS);
  properties[PROP_N_NEW] = g_param_spec_uint ("n-new", NULL, NULL, 0, G_MAXUINT, 0, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
ph_follow_model_init (PhFollowModel *self)
{
  self->following = TRUE;
}

PhFollowModel *
ph_follow_model_new (void)
{
  return g_object_new (PH_TYPE_FOLLOW_MODEL, NULL);
}

void
ph_follow_model_set_model (PhFollowModel *self,
                           GListModel    *model)
{
  guint n_before;

  g_return_if_fail (PH_IS_FOLLOW_MODEL (self));

  if (model == self->model)
    return;

  n_before = self->n_items;
  if (self->model != NULL)
    g_signal_handlers_disconnect_by_data (self->model, self);
  g_set_object (&self->model, model);
  self->n_items = model != NULL ? g_list_model_get_n_items (model) : 0;
  if (model != NULL)
    g_signal_connect_swapped (model, "items-changed", G_CALLBACK (items_changed_cb), self);

  g_list_model_items_changed (G_LIST_MODEL (self), 0, n_before, self->n_items);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_MODEL]);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_N_NEW]);
}

gboolean
ph_follow_model_get_following (PhFollowModel *self)
{
  g_return_val_if_fail (PH_IS_FOLLOW_MODEL (self), FALSE);

  return self->following;
}

void
ph_follow_model_set_following (PhFollowModel *self,
                               gboolean       following)
{
  g_return_if_fail (PH_IS_FOLLOW_MODEL (self));

  if (following == self->following)
    return;

  self->following = following;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_FOLLOWING]);
  if (following)
    catch_up (self);
}
