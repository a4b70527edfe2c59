package operator

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"relance/internal/inbound"
	"relance/internal/store"
)

// InboundMessage is a message that was read from a mailbox, without its text.
type InboundMessage = store.InboundMessage

// InboundDetails is one, and what its contact's enrollments have come to.
type InboundDetails = store.InboundDetails

// InboundSettled is a message as it is after a person has settled it.
type InboundSettled struct {
	InboundDetails
	// EndedNow counts the enrollments that this has ended.
	EndedNow int `json:"endedNow"`
	// Delayed is why their workflows are not signalled at once.
	Delayed error `json:"-"`
}

// Released says whether anything had held a contact.
type Released struct {
	ContactID int64 `json:"contactId"`
	Released  bool  `json:"released"`
}

// The words for several states of inbound messages. ToSee are those that wait for a person.
const (
	ToSee     = "to-see"
	AllStates = "all"
)

// InboundFilter says which messages are meant; zero values mean any that was heard: all but
// copies of our own mail and of messages that were read before.
type InboundFilter struct {
	// State is one of them, ToSee or AllStates.
	State string
	// Kind is what it is: an inbound.Kind, or a bounce of one inbound.Class as bounce:hard.
	Kind     string
	Campaign string
	Account  string
	Contact  int64
}

// InboundPage is a part of the list of messages, the newest first.
type InboundPage struct {
	Items []InboundMessage
	// Next is where the page that follows begins, for Inbound; 0 when this is the last.
	Next int64
}

// Inbound lists messages, the newest first: limit of them, from the page before (0 is the newest).
// An Invalid when the filter names no state or kind that there is.
func (o *Operator) Inbound(ctx context.Context, filter InboundFilter, before int64, limit int) (InboundPage, error) {
	asked, err := filter.read()
	if err != nil {
		return InboundPage{}, err
	}
	db, err := o.database(ctx)
	if err != nil {
		return InboundPage{}, err
	}
	items, err := db.InboundMessages(ctx, asked, before, limit+1)
	page := InboundPage{Items: list(items)}
	if len(items) > limit {
		page.Items, page.Next = items[:limit], items[limit-1].ID
	}
	return page, err
}

// InboundMessages lists messages in a state, ToSee or AllStates, the newest first; limit 0 is
// all. An Invalid when there is no such state.
func (o *Operator) InboundMessages(ctx context.Context, state string, limit int) ([]InboundMessage, error) {
	states, err := heardStates(state)
	if err != nil {
		return nil, err
	}
	db, err := o.database(ctx)
	if err != nil {
		return nil, err
	}
	messages, err := db.InboundMessages(ctx, store.InboundFilter{States: states}, 0, limit)
	return list(messages), err
}

// InboundToSee counts the messages at which a person has to look.
func (o *Operator) InboundToSee(ctx context.Context) (int, error) {
	db, err := o.database(ctx)
	if err != nil {
		return 0, err
	}
	return db.InboundToSee(ctx)
}

// read is the filter as the store has it.
func (f InboundFilter) read() (store.InboundFilter, error) {
	out := store.InboundFilter{Campaign: f.Campaign, Account: f.Account, Contact: f.Contact}
	if out.Account != "" {
		out.Account = stored(out.Account)
	}
	kind, class, _ := strings.Cut(strings.ReplaceAll(f.Kind, "-", "_"), ":")
	switch {
	case kind == "" && f.State != "":
	case kind == "":
		out.Kinds = slices.DeleteFunc(inbound.Kinds(), func(kind inbound.Kind) bool { return kind == inbound.Own })
	case slices.Contains(inbound.Kinds(), inbound.Kind(kind)) && (class == "" || slices.Contains(inbound.Classes(), inbound.Class(class))):
		out.Kinds, out.Class = []inbound.Kind{inbound.Kind(kind)}, inbound.Class(class)
	default:
		return out, &Invalid{Field: "kind", Problem: fmt.Sprintf("is %q; expected one of %s, or %s:CLASS with one of %s", f.Kind, names(inbound.Kinds()), inbound.Bounce, names(inbound.Classes()))}
	}
	var err error
	if f.State == "" {
		out.States = slices.DeleteFunc(allHeardStates(), func(state store.HeardState) bool { return state == store.HeardDuplicate })
	} else {
		out.States, err = heardStates(f.State)
	}
	return out, err
}

func allHeardStates() []store.HeardState {
	return []store.HeardState{store.HeardOpen, store.HeardUnmatched, store.HeardSettled, store.HeardIgnored, store.HeardDuplicate}
}

// heardStates are the states that a text means; an Invalid when it means none.
func heardStates(text string) ([]store.HeardState, error) {
	all := allHeardStates()
	switch {
	case text == ToSee:
		return all[:2], nil
	case text == AllStates:
		return all, nil
	case slices.Contains(all, store.HeardState(text)):
		return []store.HeardState{store.HeardState(text)}, nil
	}
	return nil, &Invalid{Field: "state", Problem: fmt.Sprintf("is %q; expected %s, %s or one of %s", text, ToSee, AllStates, names(all))}
}

// InboundMessage is one message; an ErrNotFound when there is none.
func (o *Operator) InboundMessage(ctx context.Context, id int64) (InboundDetails, error) {
	db, err := o.database(ctx)
	if err != nil {
		return InboundDetails{}, err
	}
	details, err := db.InboundMessage(ctx, id)
	details.Enrollments = list(details.Enrollments)
	return details, err
}

// AttachInbound settles a message by hand: it is the contact's, and what follows from its kind is
// done now. Contact 0 is the one that it was matched with; as is what the message is, empty
// for what it was judged to be. An Invalid for another kind than store.AttachableKinds, an
// ErrRefused when it is settled already.
func (o *Operator) AttachInbound(ctx context.Context, id, contactID int64, as string) (InboundSettled, error) {
	kind := inbound.Kind(strings.ReplaceAll(as, "-", "_"))
	if kinds := store.AttachableKinds(); kind != "" && !slices.Contains(kinds, kind) {
		return InboundSettled{}, &Invalid{Field: "as", Problem: fmt.Sprintf("is %q; expected one of %s", as, names(kinds))}
	}
	db, err := o.database(ctx)
	if err != nil {
		return InboundSettled{}, err
	}
	heard, err := db.AttachInbound(ctx, id, contactID, kind, o.by)
	if err != nil {
		return InboundSettled{}, err
	}
	out := InboundSettled{EndedNow: heard.Ended}
	if heard.Ended > 0 {
		out.Delayed = o.drain(ctx)
	}
	out.InboundDetails, err = o.InboundMessage(ctx, id)
	return out, err
}

// IgnoreInbound settles a message without an effect; errors as AttachInbound's.
func (o *Operator) IgnoreInbound(ctx context.Context, id int64) (InboundSettled, error) {
	db, err := o.database(ctx)
	if err != nil {
		return InboundSettled{}, err
	}
	if err := db.IgnoreInbound(ctx, id, o.by); err != nil {
		return InboundSettled{}, err
	}
	details, err := o.InboundMessage(ctx, id)
	return InboundSettled{InboundDetails: details}, err
}

// Release lets a contact who is away, or whose answer somebody had to look at, be written to
// again. Seen is the Hold.Version that was read, 0 for any: a Stale when another answer holds the
// contact since. An ErrNotFound when there is no such contact.
func (o *Operator) Release(ctx context.Context, contactID, seen int64) (Released, error) {
	db, err := o.database(ctx)
	if err != nil {
		return Released{}, err
	}
	released, err := db.ReleaseSeen(ctx, contactID, seen, o.by)
	return Released{ContactID: contactID, Released: released}, err
}

// AttachableKinds are what a person can say that a message is.
func AttachableKinds() []inbound.Kind { return store.AttachableKinds() }

// names lists words.
func names[T ~string](words []T) string {
	all := make([]string, len(words))
	for i, word := range words {
		all[i] = string(word)
	}
	return strings.Join(all, ", ")
}

// InboundKinds lists what InboundFilter.Kind can be, but for copies of our own mail.
func InboundKinds() []string {
	var all []string
	for _, kind := range inbound.Kinds() {
		if kind == inbound.Own {
			continue
		}
		all = append(all, string(kind))
		if kind != inbound.Bounce {
			continue
		}
		for _, class := range inbound.Classes() {
			if class != inbound.ClassDelayed && class != inbound.ClassDelivered {
				all = append(all, string(kind)+":"+string(class))
			}
		}
	}
	return all
}

// ReadsMail is true when the mail of at least one account is read.
func (o *Operator) ReadsMail(ctx context.Context) (bool, error) {
	db, err := o.database(ctx)
	if err != nil {
		return false, err
	}
	read, err := db.Mailboxes(ctx)
	return len(read) > 0, err
}
