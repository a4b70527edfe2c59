package store

import (
	"cmp"
	"context"
	"strconv"

	"relance/internal/campaign"
	"relance/internal/failure"
)

// hears applies what a campaign does with answers, and whether its emails say how to unsubscribe.
func (a *applying) hears(ctx context.Context, before, of campaign.Campaign, change *Change) error {
	of.OnReply = cmp.Or(of.OnReply, campaign.EndOnReply)
	if before.OnReply == of.OnReply && before.NoUnsubscribe == of.NoUnsubscribe {
		return nil
	}
	change.compare("on_reply", before.OnReply.Word(), of.OnReply.Word())
	change.compare("unsubscribe", strconv.FormatBool(!before.NoUnsubscribe), strconv.FormatBool(!of.NoUnsubscribe))
	_, err := a.tx.Exec(ctx, `UPDATE campaigns SET on_reply = $2, unsubscribe = $3 WHERE key = $1`, of.Key, of.OnReply, !of.NoUnsubscribe)
	return err
}

// mailbox applies where an account's mail is read. A file that does not say leaves that alone: a
// mailbox may have been connected by hand. A password that the file does not give is left
// alone for the same login.
func (a *applying) mailbox(ctx context.Context, address string, imap *campaign.IMAP) ([]Edit, []failure.Cause, error) {
	if imap == nil {
		return nil, nil, nil
	}
	before, err := a.store.imapOf(ctx, a.tx, address)
	if err != nil {
		return nil, nil, err
	}
	after := *imap
	if before != nil && after.Password == "" && before.SameLogin(after) {
		after.Password = before.Password
	}
	var change Change
	compareMailboxes(&change, before, &after)
	if len(change.Edits) == 0 {
		return nil, nil, nil
	}
	if err := a.store.setMailbox(ctx, a.tx, address, &after, &Change{}); err != nil {
		return nil, nil, err
	}
	return change.Edits, []failure.Cause{failure.Mailbox(address)}, nil
}
