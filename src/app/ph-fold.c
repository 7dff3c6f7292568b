#include "ph-fold.h"

/* The list's part of the width, in percent, and its bounds in pixels unless others are set. */
#define LIST_PERCENT 34
#define LIST_MIN 300
#define LIST_MAX 480

struct _PhFold
{
  GtkWidget parent_instance;

  GtkWidget *list;
  GtkWidget *separator;
  GtkWidget *content;
  gboolean   folded;
  gboolean   shows_content;
  int        list_min;
  int        list_max;
  guint      update_idle;
};

G_DEFINE_FINAL_TYPE (PhFold, ph_fold, GTK_TYPE_WIDGET)

enum {
  PROP_0,
  PROP_LIST,
  PROP_CONTENT,
  PROP_FOLDED,
  PROP_SHOWS_CONTENT,
  PROP_LIST_MIN,
  PROP_LIST_MAX,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

static void
update_children (PhFold *self)
{
  if (self->list == NULL || self->content == NULL)
    return;

  gtk_widget_set_child_visible (self->list, !self->folded || !self->shows_content);
  gtk_widget_set_child_visible (self->separator, !self->folded);
  gtk_widget_set_child_visible (self->content, !self->folded || self->shows_content);
  gtk_widget_queue_allocate (GTK_WIDGET (self));
}

static gboolean
update_idle_cb (gpointer data)
{
  PhFold  *self = data;
  gboolean folded = gtk_widget_get_width (GTK_WIDGET (self)) < PH_FOLD_WIDTH;

  self->update_idle = 0;
  if (folded != self->folded)
    {
      self->folded = folded;
      update_children (self);
      g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_FOLDED]);
    }

  return G_SOURCE_REMOVE;
}

static void
ph_fold_measure (GtkWidget     *widget,
                 GtkOrientation orientation,
                 int            for_size,
                 int           *minimum,
                 int           *natural,
                 int           *minimum_baseline,
                 int           *natural_baseline)
{
  PhFold *self = PH_FOLD (widget);
  int     list_minimum = 0, list_natural = 0, content_minimum = 0, content_natural = 0;

  if (self->list != NULL)
    gtk_widget_measure (self->list, orientation, -1, &list_minimum, &list_natural, NULL, NULL);
  if (self->content != NULL)
    gtk_widget_measure (self->content, orientation, -1, &content_minimum, &content_natural, NULL, NULL);

  *minimum = MAX (list_minimum, content_minimum);
  if (orientation == GTK_ORIENTATION_HORIZONTAL)
    *natural = MAX (PH_FOLD_WIDTH, list_natural + content_natural);
  else
    *natural = MAX (list_natural, content_natural);
}

static void
allocate_child (GtkWidget *child,
                int        x,
                int        width,
                int        height)
{
  GtkAllocation allocation = { x, 0, width, height };
  int           minimum;

  if (child == NULL || !gtk_widget_get_child_visible (child))
    return;

  /* Too narrow it is only for the one frame until it is folded. */
  gtk_widget_measure (child, GTK_ORIENTATION_HORIZONTAL, -1, &minimum, NULL, NULL, NULL);
  allocation.width = MAX (width, minimum);
  gtk_widget_size_allocate (child, &allocation, -1);
}

static void
ph_fold_size_allocate (GtkWidget *widget,
                       int        width,
                       int        height,
                       int        baseline)
{
  PhFold  *self = PH_FOLD (widget);
  int      list_width, separator_width;
  gboolean is_rtl = gtk_widget_get_direction (widget) == GTK_TEXT_DIR_RTL;

  /* What is bound to "folded" may ask for another size, which can't be done here. */
  if ((width < PH_FOLD_WIDTH) != self->folded && self->update_idle == 0)
    self->update_idle = g_idle_add_full (GTK_PRIORITY_RESIZE - 1, update_idle_cb, self, NULL);

  if (self->folded)
    {
      allocate_child (self->list, 0, width, height);
      allocate_child (self->content, 0, width, height);
      return;
    }

  gtk_widget_measure (self->separator, GTK_ORIENTATION_HORIZONTAL, -1, &separator_width, NULL, NULL, NULL);
  list_width = CLAMP (width * LIST_PERCENT / 100, self->list_min, self->list_max);
  allocate_child (self->list, is_rtl ? width - list_width : 0, list_width, height);
  allocate_child (self->separator, is_rtl ? width - list_width - separator_width : list_width, separator_width, height);
  allocate_child (self->content, is_rtl ? 0 : list_width + separator_width, width - list_width - separator_width, height);
}

static void
set_child (PhFold     *self,
           GtkWidget **place,
           GtkWidget  *child)
{
  g_clear_pointer (place, gtk_widget_unparent);
  *place = child;
  if (child != NULL)
    gtk_widget_insert_before (child, GTK_WIDGET (self), place == &self->list ? self->separator : NULL);
  update_children (self);
}

static void
ph_fold_get_property (GObject    *object,
                      guint       id,
                      GValue     *value,
                      GParamSpec *pspec)
{
  PhFold *self = PH_FOLD (object);

  switch (id)
    {
    case PROP_LIST:
      g_value_set_object (value, self->list);
      break;
    case PROP_CONTENT:
      g_value_set_object (value, self->content);
      break;
    case PROP_FOLDED:
      g_value_set_boolean (value, self->folded);
      break;
    case PROP_SHOWS_CONTENT:
      g_value_set_boolean (value, self->shows_content);
      break;
    case PROP_LIST_MIN:
      g_value_set_int (value, self->list_min);
      break;
    case PROP_LIST_MAX:
      g_value_set_int (value, self->list_max);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
ph_fold_set_property (GObject      *object,
                      guint         id,
                      const GValue *value,
                      GParamSpec   *pspec)
{
  PhFold *self = PH_FOLD (object);

  switch (id)
    {
    case PROP_LIST:
      set_child (self, &self->list, g_value_get_object (value));
      break;
    case PROP_CONTENT:
      set_child (self, &self->content, g_value_get_object (value));
      break;
    case PROP_SHOWS_CONTENT:
      ph_fold_set_shows_content (self, g_value_get_boolean (value));
      break;
    case PROP_LIST_MIN:
      self->list_min = g_value_get_int (value);
      break;
    case PROP_LIST_MAX:
      self->list_max = g_value_get_int (value);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
ph_fold_dispose (GObject *object)
{
  PhFold *self = PH_FOLD (object);

  g_clear_handle_id (&self->update_idle, g_source_remove);
  g_clear_pointer (&self->list, gtk_widget_unparent);
  g_clear_pointer (&self->content, gtk_widget_unparent);
  gtk_widget_dispose_template (GTK_WIDGET (self), PH_TYPE_FOLD);

  G_OBJECT_CLASS (ph_fold_parent_class)->dispose (object);
}

static void
ph_fold_class_init (PhFoldClass *klass)
{
  GObjectClass   *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->get_property = ph_fold_get_property;
  object_class->set_property = ph_fold_set_property;
  object_class->dispose = ph_fold_dispose;
  widget_class->measure = ph_fold_measure;
  widget_class->size_allocate = ph_fold_size_allocate;

  properties[PROP_LIST] = g_param_spec_object ("list", NULL, NULL, GTK_TYPE_WIDGET, G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS);
  properties[PROP_CONTENT] = g_param_spec_object ("content", NULL, NULL, GTK_TYPE_WIDGET, G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS);
  properties[PROP_FOLDED] = g_param_spec_boolean ("folded", NULL, NULL, FALSE, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  properties[PROP_SHOWS_CONTENT] = g_param_spec_boolean ("shows-content", NULL, NULL, FALSE, G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS);
  properties[PROP_LIST_MIN] = g_param_spec_int ("list-min", NULL, NULL, 0, G_MAXINT, LIST_MIN, G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS);
  properties[PROP_LIST_MAX] = g_param_spec_int ("list-max", NULL, NULL, 0, G_MAXINT, LIST_MAX, G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);

  gtk_widget_class_set_template_from_resource (widget_class, "/org/posthouse/Posthouse/ui/ph-fold.ui");
  gtk_widget_class_bind_template_child (widget_class, PhFold, separator);
}

static void
ph_fold_init (PhFold *self)
{
  self->list_min = LIST_MIN;
  self->list_max = LIST_MAX;
  gtk_widget_init_template (GTK_WIDGET (self));
}

gboolean
ph_fold_get_folded (PhFold *self)
{
  g_return_val_if_fail (PH_IS_FOLD (self), FALSE);

  return self->folded;
}

void
ph_fold_set_shows_content (PhFold  *self,
                           gboolean shows_content)
{
  g_return_if_fail (PH_IS_FOLD (self));

  if (shows_content == self->shows_content)
    return;

  self->shows_content = shows_content;
  update_children (self);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_SHOWS_CONTENT]);
}
