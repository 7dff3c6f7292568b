#include "ph-row-factory.h"

typedef struct
{
  GType       row_type;
  const char *property;
} PhRowFactory;

static void
setup_cb (GtkSignalListItemFactory *factory,
          GtkListItem              *item,
          gpointer                  data)
{
  PhRowFactory *self = data;

  gtk_list_item_set_child (item, g_object_new (self->row_type, NULL));
}

static void
bind_cb (GtkSignalListItemFactory *factory,
         GtkListItem              *item,
         gpointer                  data)
{
  PhRowFactory *self = data;

  g_object_set (gtk_list_item_get_child (item), self->property, gtk_list_item_get_item (item), NULL);
}

static void
unbind_cb (GtkSignalListItemFactory *factory,
           GtkListItem              *item,
           gpointer                  data)
{
  PhRowFactory *self = data;

  g_object_set (gtk_list_item_get_child (item), self->property, NULL, NULL);
}

static void
free_data (gpointer  data,
           GClosure *closure)
{
  g_free (data);
}

GtkListItemFactory *
ph_row_factory_new (GType       row_type,
                    const char *property)
{
  GtkListItemFactory *factory = gtk_signal_list_item_factory_new ();
  PhRowFactory       *self = g_new (PhRowFactory, 1);

  self->row_type = row_type;
  self->property = property;
  g_signal_connect_data (factory, "setup", G_CALLBACK (setup_cb), self, free_data, 0);
  g_signal_connect (factory, "bind", G_CALLBACK (bind_cb), self);
  g_signal_connect (factory, "unbind", G_CALLBACK (unbind_cb), self);

  return factory;
}
