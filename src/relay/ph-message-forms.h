#pragma once

#include "ph-dkim-signer.h"
#include "ph-queue-directory.h"

G_BEGIN_DECLS

/* In which form a message leaves. */
typedef enum {
  PH_FORM_AS_IS,
  PH_FORM_7BIT, /* re-encoded for servers without 8BITMIME (S21) */
  PH_N_FORMS
} PhForm;

#define PH_TYPE_MESSAGE_FORMS (ph_message_forms_get_type ())
G_DECLARE_FINAL_TYPE (PhMessageForms, ph_message_forms, PH, MESSAGE_FORMS, GObject)

/**
 * PhMessageForms:
 *
 * One queued message in the forms in which it may leave: as it came, and re-encoded, which is made when
 * somebody first needs it.  Each is signed by us in its own form, after that.  Shared by the attempts of
 * the message.
 */

/* `signer` NULL: not signed.  `now`: seconds. */
PhMessageForms *ph_message_forms_new (PhQueueDirectory   *directory,
                                      PhQueueMessage     *message,
                                      const PhQueueEntry *entry,
                                      PhDkimSigner       *signer,
                                      gint64              now);

/* Makes the form what it will be when it leaves; finish: FALSE where it can't be had without breaking
 * what the message says, or somebody's signature. */
void     ph_message_forms_prepare_async (PhMessageForms     *self,
                                         PhForm              form,
                                         GAsyncReadyCallback callback,
                                         gpointer            user_data);
gboolean ph_message_forms_prepare_finish (PhMessageForms *self,
                                          GAsyncResult   *result);

/* The one to begin with: shorter lines where they are too long for others (S01), and that form is there. */
PhForm ph_message_forms_choose (PhMessageForms *self);

/* A form that was prepared; *size as it will be sent.  Borrowed. */
PhQueueMessage *ph_message_forms_get (PhMessageForms *self,
                                      PhForm          form,
                                      guint64        *size);

/* TRUE while the form can be had as far as is known. */
gboolean ph_message_forms_may_have (PhMessageForms *self,
                                    PhForm          form);

gboolean ph_message_forms_is_8bit (PhMessageForms *self,
                                   PhForm          form);

/* Once a form is prepared, of a message that came with SMTPUTF8: whether its headers need that (S09).  FALSE for one that did not. */
gboolean ph_message_forms_is_international (PhMessageForms *self);

G_END_DECLS
