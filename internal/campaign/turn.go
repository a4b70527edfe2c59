package campaign

import (
	"errors"
	"time"

	"relance/internal/failure"
	"relance/internal/pace"
)

// ErrNoTurn says that the account may not send this message now (law 8): its gap, its limit of the
// day or a window does not allow it, or another contact has the turn. Or the person is away,
// or has said something (law 9). The caller has not sent.
var ErrNoTurn = errors.New("the account may not send this message now")

// Turn is what the line of the sender says about one step, and what the sender has spent.
type Turn struct {
	// Spent is what the account has sent; zero when it has no pace.
	Spent pace.Spent
	// Seq counts what it has sent: the jitter is drawn from it.
	Seq int64
	// Before is true when others go first: one has the account's turn, or stands before
	// the enrollment in the line.
	Before bool
	// Placed is true when the enrollment stands in a line of several senders, Granted when
	// it has this account's turn, Claimed when it has claimed its message with it and has not come to the
	// gate.
	Placed, Granted, Claimed bool
}

// Mine is what the account has sent as far as it holds this enrollment up. The gap after its own claim is for the
// others: a first try that was slow before the gate is followed by an activity, a worker that was killed by another, and
// these go on with the turn. Else they would stand in line again at each turn, with all who are behind them (law 7).
func (t Turn) Mine() pace.Spent {
	spent := t.Spent
	if t.Claimed {
		spent.Next = time.Time{}
	}
	return spent
}

// Place is where an enrollment stands that waits for a turn.
type Place struct {
	// Account is whose line it is; empty for the campaign's, of which any sender takes the
	// first.
	Account string
	Unbound bool
	// Zone is the recipient's, where it counts.
	Zone string
	Band Band
	// NotBefore is when the window opens, or the person is back; zero when nothing is waited for but the turn.
	NotBefore time.Time
	// AwaitsLook is the moment after which a look at the mailbox LooksAt has to begin; zero for none.
	AwaitsLook time.Time
	// LooksAt is where the contact's answer would come: the sender's mailbox, or that of one from
	// which it was mailed before.
	LooksAt string
}

// Band is the part of a line that goes first or later.
type Band int

// The bands. With the order fifo all are in the first.
const (
	FollowUps  Band = 1
	FirstMails Band = 2
)

// Paced is true when the sender limits what it sends: it has one turn at a time.
func (f Facts) Paced() bool { return f.Account != nil && !f.Account.Pace.Free() }

// Timed is true when it matters at what moment an email leaves: the claim and the gate
// then decide by the clock (law 8).
func (f Facts) Timed() bool {
	return f.Paced() || f.Turn.Placed || !f.Campaign.Window.AlwaysOpen(f.Calendar)
}

// Rules are the sender's pace and the campaign's hours, ready to reckon with.
func (f Facts) Rules() (account pace.Account, window pace.Hours, err error) {
	if f.Account != nil {
		if account, err = f.Account.Pace.Account(f.Calendar); err != nil {
			return account, window, err
		}
	}
	window, err = f.Campaign.Window.Hours(f.Calendar, f.Zone())
	return account, window, err
}

// Zone is the recipient's time zone where it counts, an IANA name; empty for the workspace's.
func (f Facts) Zone() string {
	if f.Campaign.Window.InRecipientZone() {
		return f.Recipient().Zone
	}
	return ""
}

// Place is where the enrollment would wait, were it not for a window.
func (f Facts) Place() Place {
	if f.Unbound() {
		return Place{Unbound: true, Zone: f.Zone(), Band: unboundBand(f.Candidates)}
	}
	place := Place{Account: f.Account.Address, Zone: f.Zone(), Band: FirstMails}
	if len(f.Sendings) > 0 || f.Account.Pace.Order == pace.FIFO {
		place.Band = FollowUps
	}
	return place
}

// CheckTurn finds whether an email has to wait for its moment: for the person to be back, for a
// look at the sender's mailbox, for a window, the account's hours, its limit of the day or its gap, for its rest, or behind others. What can never
// be is a problem; the rest is waiting (law 7).
func CheckTurn(facts Facts) Finding {
	if finding := checkHeard(facts); !finding.Clear() {
		return finding
	}
	resting := facts.Account.RestingUntil.After(facts.Now)
	if !facts.Timed() && !(resting && facts.Unbound()) {
		if resting {
			return Finding{Until: facts.Account.RestingUntil}
		}
		return Finding{}
	}
	account, window, err := facts.Rules()
	if err != nil {
		return Finding{Problem: noCommonTime(facts, err.Error())}
	}
	opens, err := pace.Next(facts.Now, window, account.Hours)
	switch {
	case err != nil:
		return Finding{Problem: noCommonTime(facts, "the campaign's window and the hours of "+facts.Account.Address+" are never open at once")}
	case opens.After(facts.Now.Add(pace.Soon)) && pace.Meet(facts.Now, window, account.Hours) != nil: // holidays of five weeks are waited for
		return Finding{Problem: noCommonTime(facts, "the campaign's window and the hours of "+facts.Account.Address+" are next open at once on "+opens.Format(time.DateOnly))}
	}
	at, _, err := account.When(facts.Now, window, facts.Turn.Mine())
	if err != nil {
		return Finding{Problem: noCommonTime(facts, err.Error())}
	}
	behind := facts.Turn.Before && facts.Paced() // a free sender has many turns at once, and no order
	if !resting && !at.After(facts.Now) && !behind {
		return Finding{}
	}
	place := facts.Place()
	if !window.Open(facts.Now) {
		if place.NotBefore, err = pace.Next(facts.Now, window); err != nil {
			return Finding{Problem: noCommonTime(facts, err.Error())}
		}
	}
	return Finding{Place: &place}
}

func noCommonTime(facts Facts, why string) *failure.Problem {
	causes := []failure.Cause{
		failure.CampaignWindow(facts.Campaign.Key), failure.AccountPace(facts.Account.Address), failure.Calendar,
		failure.CampaignSender(facts.Campaign.Key), failure.ContactFields(facts.Contact.ID),
	}
	for _, candidate := range facts.Candidates {
		if candidate.Address != facts.Account.Address { // it may send when the pace of any changes, or when one is mended
			causes = append(causes, failure.AccountPace(candidate.Address))
		}
		if candidate.Status != AccountConnected {
			causes = append(causes, failure.EmailAccount(candidate.Address))
		}
	}
	return &failure.Problem{Code: failure.NoCommonSendingTime, Detail: why, Words: failure.Ours(why), Causes: causes}
}

// GivenTurn is a turn that an enrollment has been given.
type GivenTurn struct {
	EnrollmentID int64
	CampaignKey  string
	ContactID    int64
	// Turn is its number: it grows with each turn of the enrollment.
	Turn int64
	// Account is whose turn it is, UnderWay how many of its turns have been signalled a moment
	// ago and are not claimed yet.
	Account  string
	UnderWay int
}
