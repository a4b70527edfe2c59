package operator

import (
	"time"

	"relance/internal/campaign"
	"relance/internal/pace"
)

// Why says why the next mail of one enrollment has not left yet, and when it will.
type Why struct {
	ContactID int64           `json:"contactId"`
	Contact   string          `json:"contact"`
	Campaign  string          `json:"campaign"`
	Status    campaign.Status `json:"status"`
	// StepID is the mail that comes next: the Mail-th of Mails.
	StepID string `json:"stepId,omitempty"`
	Mail   int    `json:"mail,omitempty"`
	Mails  int    `json:"mails,omitempty"`
	// Account is the sender; empty while the contact has none of its own.
	Account string `json:"account,omitempty"`
	// AnyOf are the senders of which any takes the contact, which nobody has mailed yet;
	// Likely is the one of them that does, as it looks now. Left out of who has an account.
	AnyOf  []string `json:"anyOf,omitempty"`
	Likely string   `json:"likelyAccount,omitempty"`
	// Because is the first of Reasons, which is the answer; empty when it may leave now.
	Because pace.Limit `json:"because"`
	// Due is since when, or until when, the mail is due.
	Due *time.Time `json:"dueSince,omitempty"`
	// Reasons hold it back, in the order of pace.Why. Without any it may leave now.
	Reasons []WhyReason `json:"limits"`
	// Before is how many stand before it in the line of its account.
	Before int `json:"before"`
	// Earliest and Latest are when it leaves: if as many people stop as so far, and if nobody
	// does; left out when that cannot be said. Exact is true of who has a place: nothing
	// that is still to come stands before it by more than that.
	Earliest *time.Time `json:"expectedFrom,omitempty"`
	Latest   *time.Time `json:"expectedTo,omitempty"`
	Exact    bool       `json:"exact"`
	// AccountZone is the account's, in which its day begins; empty without an account.
	AccountZone string `json:"accountZone,omitempty"`
	// Zone is the recipient's where it counts, ZoneBy what it was found by.
	Zone   string `json:"zone,omitempty"`
	ZoneBy string `json:"zoneBy,omitempty"`
	// Today is what limits the account on its date; left out without an account.
	Today *Waterfall `json:"today,omitempty"`
}

// WhyReason is one thing that holds a mail back, and until when; without Until a person
// has to act, or nobody knows.
type WhyReason struct {
	Reason pace.Limit `json:"what"`
	// Value is the limit's number, Used how much of it is used: of the limit of the day alone.
	Value *int       `json:"value,omitempty"`
	Used  *int       `json:"used,omitempty"`
	Until *time.Time `json:"until,omitempty"`
	// Detail is what is known beyond that: the note of the error, the holiday's name, the
	// server's words, the address of the mailbox.
	Detail string `json:"detail,omitempty"`
}

// Alone is true where Detail says it all: what was found in an answer, with a date of its own.
func (r WhyReason) Alone() bool { return r.Reason == pace.Held && r.Detail != "" && r.Until != nil }

// Quoted is true where Detail is what a server has said.
func (r WhyReason) Quoted() bool { return r.Reason == pace.AccountRests || r.Reason == pace.Retried }

// WhyReasons are the reasons of pace.Why; details says what is known beyond of some. A holiday is named on which the window
// would open; an own day has no name.
func WhyReasons(now time.Time, facts pace.Facts, details map[pace.Limit]string) []WhyReason {
	reasons, opens := []WhyReason{}, now // but for holidays
	for _, reason := range pace.Why(now, facts) {
		if reason.Limit == pace.CampaignWindow {
			opens = reason.Until
		}
		one := WhyReason{Reason: reason.Limit, Until: known(reason.Until), Detail: details[reason.Limit]}
		if reason.Limit == pace.Holiday && one.Detail == "" {
			one.Detail = facts.Window.Holidays.Name(pace.DateOf(opens.In(facts.Window.Zone)))
		}
		reasons = append(reasons, one)
	}
	return reasons
}

// answer says which of the reasons it is, and how much of the limit of the day is used.
func (w *Why) answer() {
	if len(w.Reasons) > 0 {
		w.Because = w.Reasons[0].Reason
	}
	for i := range w.Reasons {
		if one := &w.Reasons[i]; one.Reason == pace.DayLimit && w.Today != nil {
			one.Value, one.Used = w.Today.number()
		}
	}
}

// number is how many may leave on the date, and how many have; nil when no number limits them.
func (w *Waterfall) number() (most, sent *int) {
	for _, row := range w.Rows {
		isLimit := row.Limit == pace.DayLimit || row.Limit == pace.RampLimit
		if isLimit && (most == nil || row.Number < *most) {
			most = &row.Number
		}
		if row.Limit == pace.Sent {
			sent = &row.Number
		}
	}
	return most, sent
}

// known is an instant that may not be known.
func known(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC()
	return &t
}
