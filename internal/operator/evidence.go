package operator

import (
	"context"
	"fmt"
	"time"

	"relance/internal/failure"
	"relance/internal/store"
)

// SentState is what a sender's mailbox says about a message of which nobody knows whether it was sent.
type SentState string

// The states. A copy that is found settles the doubt by itself (law 4): here there is none.
const (
	NotRead      SentState = "not_read"   // the account's mail is not read
	NotReadable  SentState = "unreadable" // it cannot be just now
	NoSentFolder SentState = "no_folder"  // it has no Sent folder that is known
	NotLooked    SentState = "not_looked" // the folder has not been read to its end since the doubt
	NotInSent    SentState = "absent"     // it has, and there is no copy
)

// SentEvidence is what is known of the copy that a message in doubt should have in its sender's
// Sent folder. An absence proves nothing by itself: many servers file no copies.
type SentEvidence struct {
	Account string    `json:"account"`
	State   SentState `json:"state"`
	// Reason is why the mailbox cannot be read.
	Reason string `json:"reason,omitempty"`
	Folder string `json:"folder,omitempty"`
	// LookedAt is when the last look began that has read the mailbox to its end.
	LookedAt *time.Time `json:"lookedAt,omitempty"`
	// Copies counts those of the last Of messages that were accepted of which a copy was found;
	// LatestCopy is when the latest of those was accepted.
	Copies     int        `json:"copies"`
	Of         int        `json:"of"`
	LatestCopy *time.Time `json:"latestCopy,omitempty"`
}

// Text says it in sentences; when says a moment.
func (e SentEvidence) Text(when func(time.Time) string) string {
	switch e.State {
	case NotRead:
		return "Nobody reads the mailbox of " + e.Account + "."
	case NotReadable:
		return "The mailbox of " + e.Account + " cannot be read just now: “" + e.Reason + "”."
	case NoSentFolder:
		return "The mailbox of " + e.Account + " has no Sent folder that is known."
	case NotLooked:
		return "The mailbox of " + e.Account + " has not been read to its end since."
	case NotInSent:
	}
	text := fmt.Sprintf("No copy lies in “%s” of %s, by the look of %s.", e.Folder, e.Account, when(*e.LookedAt))
	switch {
	case e.Of == 0:
		text += " It has sent nothing else lately that would show whether copies are filed there."
	case e.Copies == 0:
		text += fmt.Sprintf(" Nor does one of the last %d messages that were accepted: as it seems this server files no copies, so it says nothing.", e.Of)
	default:
		have := "have"
		if e.Copies == 1 {
			have = "has"
		}
		text += fmt.Sprintf(" Of the last %d messages that were accepted, %d %s one; the latest of those was accepted at %s.", e.Of, e.Copies, have, when(*e.LatestCopy))
	}
	return text + " An absence proves nothing by itself."
}

// evidence adds to the contacts in DeliveryUncertain what their senders' mailboxes say.
func (o *Operator) evidence(ctx context.Context, db *store.Store, items []InError) error {
	var campaigns []string
	var contacts []int64
	for _, item := range items {
		if item.Code == failure.DeliveryUncertain {
			campaigns, contacts = append(campaigns, item.Campaign), append(contacts, item.ContactID)
		}
	}
	if len(contacts) == 0 {
		return nil
	}
	doubts, err := db.Doubts(ctx, campaigns, contacts)
	if err != nil {
		return err
	}
	var accounts []string
	for _, of := range doubts {
		for _, doubt := range of {
			accounts = append(accounts, doubt.Account)
		}
	}
	folders, err := db.SentFolders(ctx, accounts)
	for i := range items {
		doubt, ok := doubts[items[i].Campaign][items[i].ContactID]
		if !ok || items[i].Code != failure.DeliveryUncertain {
			continue
		}
		if folder, known := folders[doubt.Account]; known {
			found := sentEvidence(folder, items[i].Since)
			items[i].Evidence = &found
		}
	}
	return err
}

// sentEvidence is what a folder says about a message that is in doubt since then.
func sentEvidence(of store.SentFolder, since time.Time) SentEvidence {
	e := SentEvidence{
		Account: of.Account, State: NotInSent, Reason: of.Reason, Folder: of.Folder, LookedAt: known(of.LookBegan),
		Copies: of.Copies, Of: of.Of, LatestCopy: known(of.LatestCopy),
	}
	switch {
	case !of.Read:
		e.State = NotRead
	case of.Reason != "":
		e.State = NotReadable
	case of.Folder == "" && !of.LookBegan.IsZero():
		e.State = NoSentFolder
	case !of.LookBegan.After(since):
		e.State = NotLooked
	}
	return e
}
