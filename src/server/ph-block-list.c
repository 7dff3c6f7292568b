#include "ph-block-list.h"

#include "ph-peer.h"

#include <string.h>

/* Block: one address */

struct _PhBlock
{
  GObject parent_instance;

  char  *address;
  gint64 until;
};

G_DEFINE_FINAL_TYPE (PhBlock, ph_block, G_TYPE_OBJECT)

enum {
  PROP_0,
  PROP_ADDRESS,
  PROP_UNTIL,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

static void
ph_block_finalize (GObject *object)
{
  g_free (PH_BLOCK (object)->address);

  G_OBJECT_CLASS (ph_block_parent_class)->finalize (object);
}

static void
ph_block_get_property (GObject    *object,
                       guint       id,
                       GValue     *value,
                       GParamSpec *pspec)
{
  if (id == PROP_ADDRESS)
    g_value_set_string (value, PH_BLOCK (object)->address);
  else if (id == PROP_UNTIL)
    g_value_set_int64 (value, PH_BLOCK (object)->until);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
ph_block_class_init (PhBlockClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GParamFlags   flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS;

  object_class->finalize = ph_block_finalize;
  object_class->get_property = ph_block_get_property;

  properties[PROP_ADDRESS] = g_param_spec_string ("address", NULL, NULL, NULL, flags);
  properties[PROP_UNTIL] = g_param_spec_int64 ("until", NULL, NULL, 0, G_MAXINT64, 0, flags);
  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
ph_block_init (PhBlock *self)
{
}

static PhBlock *
block_new (const char *address,
           gint64      until)
{
  PhBlock *self = g_object_new (PH_TYPE_BLOCK, NULL);

  self->address = g_strdup (address);
  self->until = until;

  return self;
}

const char *
ph_block_get_address (PhBlock *self)
{
  g_return_val_if_fail (PH_IS_BLOCK (self), NULL);

  return self->address;
}

gint64
ph_block_get_until (PhBlock *self)
{
  g_return_val_if_fail (PH_IS_BLOCK (self), 0);

  return self->until;
}

/* Block list: all of them */

struct _PhBlockList
{
  GObject parent_instance;

  PhSettings *settings;
  PhClock    *clock;
  GPtrArray  *blocks; /* of PhBlock, owned, the latest first */
  guint       timer;  /* until the next one is over */
};

static GType
get_item_type (GListModel *model)
{
  return PH_TYPE_BLOCK;
}

static guint
get_n_items (GListModel *model)
{
  return PH_BLOCK_LIST (model)->blocks->len;
}

static gpointer
get_item (GListModel *model,
          guint       position)
{
  PhBlockList *self = PH_BLOCK_LIST (model);

  return position < self->blocks->len ? g_object_ref (self->blocks->pdata[position]) : NULL;
}

static void
list_model_init (GListModelInterface *iface)
{
  iface->get_item_type = get_item_type;
  iface->get_n_items = get_n_items;
  iface->get_item = get_item;
}

G_DEFINE_FINAL_TYPE_WITH_CODE (PhBlockList, ph_block_list, G_TYPE_OBJECT, G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL, list_model_init))

static void
ph_block_list_finalize (GObject *object)
{
  PhBlockList *self = PH_BLOCK_LIST (object);

  ph_clock_cancel_timer (self->clock, &self->timer);
  g_ptr_array_unref (self->blocks);
  g_object_unref (self->settings);
  g_object_unref (self->clock);

  G_OBJECT_CLASS (ph_block_list_parent_class)->finalize (object);
}

static void
ph_block_list_class_init (PhBlockListClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = ph_block_list_finalize;
}

static void
ph_block_list_init (PhBlockList *self)
{
  self->blocks = g_ptr_array_new_with_free_func (g_object_unref);
}

static void sweep (PhBlockList *self);

static void
timer_cb (gpointer data)
{
  PhBlockList *self = data;

  self->timer = 0;
  sweep (self);
}

static void
schedule (PhBlockList *self)
{
  gint64 now = ph_clock_get_real_time (self->clock), next = 0;

  ph_clock_cancel_timer (self->clock, &self->timer);
  for (guint i = 0; i < self->blocks->len; i++)
    {
      gint64 until = ph_block_get_until (self->blocks->pdata[i]);

      if (until != 0 && (next == 0 || until < next))
        next = until;
    }
  if (next != 0)
    self->timer = ph_clock_add_timer (self->clock, MAX (next - now, 0), timer_cb, self);
}

/* "192.0.2.1 198.51.100.7@2026-11-27T01:00:00Z" */
static void
save (PhBlockList *self)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = self->blocks->len; i-- > 0;)
    {
      PhBlock *block = self->blocks->pdata[i];

      g_string_append_printf (text, "%s%s", text->len > 0 ? " " : "", block->address);
      if (block->until != 0)
        {
          g_autoptr (GDateTime) time = g_date_time_new_from_unix_utc (block->until / G_USEC_PER_SEC);
          g_autofree char *date = g_date_time_format (time, "%Y-%m-%dT%H:%M:%SZ");

          g_string_append_printf (text, "@%s", date);
        }
    }
  g_object_set (self->settings, "blocked", text->str, NULL);
}

static void
remove_at (PhBlockList *self,
           guint        position)
{
  g_ptr_array_remove_index (self->blocks, position);
  g_list_model_items_changed (G_LIST_MODEL (self), position, 1, 0);
}

/* What is over goes. */
static void
sweep (PhBlockList *self)
{
  gint64 now = ph_clock_get_real_time (self->clock);
  guint  before = self->blocks->len;

  for (guint i = before; i-- > 0;)
    {
      gint64 until = ph_block_get_until (self->blocks->pdata[i]);

      if (until != 0 && until <= now)
        remove_at (self, i);
    }
  if (self->blocks->len < before)
    save (self);
  schedule (self);
}

static void
load (PhBlockList *self)
{
  g_auto (GStrv) words = g_strsplit (ph_settings_get_string (self->settings, "blocked"), " ", PH_BLOCK_LIST_MAX);

  for (guint i = 0; words[i] != NULL; i++)
    {
      char *at = strchr (words[i], '@');
      g_autoptr (GDateTime) time = at != NULL ? g_date_time_new_from_iso8601 (at + 1, NULL) : NULL;
      g_autofree char *network = NULL;

      if (at != NULL)
        *at = '\0';
      network = ph_peer_dup_network (words[i]);
      if (network != NULL && (at == NULL || time != NULL) && ph_block_list_find (self, network) == NULL)
        g_ptr_array_insert (self->blocks, 0, block_new (network, time != NULL ? g_date_time_to_unix (time) * G_USEC_PER_SEC : 0));
      else if (*words[i] != '\0')
        g_message ("“%s” among the blocked addresses of the settings is left out", words[i]);
    }
}

PhBlockList *
ph_block_list_new (PhSettings *settings,
                   PhClock    *clock)
{
  PhBlockList *self = g_object_new (PH_TYPE_BLOCK_LIST, NULL);

  self->settings = g_object_ref (settings);
  self->clock = g_object_ref (clock);
  load (self);
  schedule (self);

  return self;
}

static gboolean
find (PhBlockList *self,
      const char  *address,
      guint       *position)
{
  g_autofree char *network = self->blocks->len > 0 ? ph_peer_dup_network (address) : NULL;

  for (*position = 0; network != NULL && *position < self->blocks->len; (*position)++)
    if (g_str_equal (ph_block_get_address (self->blocks->pdata[*position]), network))
      return TRUE;

  return FALSE;
}

gboolean
ph_block_list_add (PhBlockList *self,
                   const char  *address,
                   guint        seconds)
{
  g_autofree char *network = NULL;
  guint            position;

  g_return_val_if_fail (PH_IS_BLOCK_LIST (self), FALSE);

  network = ph_peer_dup_network (address);
  if (network == NULL)
    return FALSE;
  if (find (self, network, &position))
    remove_at (self, position);
  if (self->blocks->len == PH_BLOCK_LIST_MAX)
    return FALSE;

  g_ptr_array_insert (self->blocks, 0, block_new (network, seconds > 0 ? ph_clock_get_real_time (self->clock) + (gint64)seconds * G_USEC_PER_SEC : 0));
  g_list_model_items_changed (G_LIST_MODEL (self), 0, 0, 1);
  save (self);
  schedule (self);

  return TRUE;
}

gboolean
ph_block_list_remove (PhBlockList *self,
                      const char  *address)
{
  guint position;

  g_return_val_if_fail (PH_IS_BLOCK_LIST (self), FALSE);

  if (!find (self, address, &position))
    return FALSE;
  remove_at (self, position);
  save (self);
  schedule (self);

  return TRUE;
}

PhBlock *
ph_block_list_find (PhBlockList *self,
                    const char  *address)
{
  guint    position;
  PhBlock *block;

  g_return_val_if_fail (PH_IS_BLOCK_LIST (self), NULL);

  if (!find (self, address, &position))
    return NULL;
  block = self->blocks->pdata[position];

  /* The timer may be late. */
  return block->until == 0 || block->until > ph_clock_get_real_time (self->clock) ? block : NULL;
}
