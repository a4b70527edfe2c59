package campaign

import (
	"encoding/json"
	"slices"
	"strings"
	"time"

	"relance/internal/failure"
)

// Mailbox is what is known of the mail of an account that is read.
type Mailbox struct {
	// Address is the account's.
	Address string
	// LookBegan is when the last look began that has read every watched folder to its
	// end; zero when there has been none.
	LookBegan time.Time
	// Reason is why the mailbox cannot be read, empty while it can; Words who says which part
	// of it, nil where nobody knows.
	Reason string
	Words  *failure.Words
	// WantedAt is since when a follow-up waits for a look; zero when none does.
	WantedAt time.Time
}

// Away is a person's absence.
type Away struct {
	Until time.Time
	// Words are those of the answer that said so.
	Words string
}

// OnReply is what becomes of an enrollment when the person answers. Its values are those of
// PostgreSQL; workspace.yaml, JSON and what is printed have those of Word.
type OnReply string

// The answers.
const (
	EndOnReply     OnReply = "end"
	GoOnAfterReply OnReply = "go_on"
)

// Word is the word of workspace.yaml. (A String would be what pgx writes.)
func (o OnReply) Word() string {
	switch o {
	case EndOnReply:
		return "exit"
	case GoOnAfterReply:
		return "continue"
	}
	return string(o)
}

// MarshalJSON writes the word of workspace.yaml.
func (o OnReply) MarshalJSON() ([]byte, error) { return json.Marshal(o.Word()) }

// EndedBy is what a person has said by which an enrollment was ended.
type EndedBy string

// The reasons. Suppressed: it was said before, or of another enrollment.
const (
	Replied      EndedBy = "replied"
	Unsubscribed EndedBy = "unsubscribed"
	Complained   EndedBy = "complained"
	Left         EndedBy = "left"
	Suppressed   EndedBy = "suppressed"
)

// EndedByAll lists the reasons, in the order in which they are shown.
func EndedByAll() []EndedBy { return []EndedBy{Replied, Unsubscribed, Complained, Left, Suppressed} }

// Sentence says it without the person's words.
func (e EndedBy) Sentence() string {
	switch e {
	case Replied:
		return "The person has answered."
	case Unsubscribed:
		return "The person has unsubscribed."
	case Complained:
		return "The person has called it spam."
	case Left:
		return "The person is not there any more."
	case Suppressed:
	}
	return "The contact's address is suppressed."
}

// Stop ends an enrollment that PostgreSQL knows a reason for.
type Stop struct {
	By EndedBy
	// Reason is one sentence for the timeline.
	Reason string
}

// Unsubscribe is how the recipient of an email asks for no more of them; empty where there is no way.
type Unsubscribe struct {
	// URL is a page (RFC 8058), Mailto the address of a mail (RFC 2369).
	URL, Mailto string
}

// Suppression is an address or a domain to which nothing is sent.
type Suppression struct {
	// Target is in lower case.
	Target string `json:"target"`
	// Reason is unsubscribed, complained, left, imported or by_hand.
	Reason string `json:"reason"`
	Note   string `json:"note,omitempty"`
	// Words say which part of the note the recipient has written, or a report, and which we
	// say; nil where nobody knows.
	Words *failure.Words `json:"words,omitempty"`
	By    string         `json:"by"`
	At    time.Time      `json:"at"`
}

const (
	// freshFor is how old the last complete look may be when a follow-up is claimed that
	// has been due for longer.
	freshFor = 5 * time.Minute
	// lookPatience is how long a follow-up waits for a look before its mailbox is taken for unreadable.
	lookPatience = 15 * time.Minute
	// lookAgainIn is when a follow-up that waits for a look asks by itself.
	lookAgainIn = 10 * time.Minute
)

// FreshAfter is the moment after which the last complete look at the contact's mailbox must
// have begun for the email to leave (law 9): when it became due, and not long ago. Zero for
// a first mail, which answers nothing, and for an account that is not read. The first one of a later round (enroll --again)
// comes after those of the round before, and waits as a follow-up does.
func (f Facts) FreshAfter() time.Time {
	if f.Mailbox == nil || len(f.Sendings) == 0 && f.VisitBase == 0 {
		return time.Time{}
	}
	due := f.DueAt
	if len(f.Sendings) == 0 && due.IsZero() {
		due = f.Began
	}
	if old := f.Now.Add(-freshFor); old.After(due) {
		return old
	}
	return due
}

// checkHeard finds what the person, or nobody's having looked, keeps an email from being
// sent (law 9). A hold is waiting and no error (law 7); so is a look that has not been
// taken yet. A mailbox that cannot be read is a problem: nothing is sent blindly.
func checkHeard(facts Facts) Finding {
	if facts.Away.Until.After(facts.Now) {
		place := facts.Place()
		place.NotBefore = facts.Away.Until
		return Finding{Place: &place}
	}
	fresh := facts.FreshAfter()
	if fresh.IsZero() || facts.Mailbox.LookBegan.After(fresh) {
		return Finding{}
	}
	why, words := facts.Mailbox.Reason, facts.Mailbox.Words.About(facts.Mailbox.Address)
	if wanted := facts.Mailbox.WantedAt; why == "" && !wanted.IsZero() && facts.Now.Sub(wanted) > lookPatience {
		why = "no worker has read it to its end yet"
		if looked := facts.Mailbox.LookBegan; !looked.IsZero() {
			why = "no worker has read it to its end since " + looked.UTC().Format("2006-01-02 15:04 MST")
		}
		words = failure.Ours(why).About(facts.Mailbox.Address)
	}
	if why != "" {
		address := facts.Mailbox.Address
		return Finding{Problem: &failure.Problem{
			Code: failure.MailboxUnreadable, Detail: address + ": " + why, Words: words,
			Causes: []failure.Cause{failure.EmailAccount(address), failure.Mailbox(address), failure.CampaignSender(facts.Campaign.Key)},
		}}
	}
	place := facts.Place()
	place.AwaitsLook, place.LooksAt, place.NotBefore = fresh, facts.Mailbox.Address, facts.Now.Add(lookAgainIn)
	return Finding{Place: &place}
}

// SuppressionTargets are the entries that suppress an address: its spellings, and the domain of each.
func SuppressionTargets(address string) []string {
	targets := Spellings(address)
	for _, spelling := range targets {
		if _, domain, ok := strings.Cut(spelling, "@"); ok && !slices.Contains(targets, domain) {
			targets = append(targets, domain)
		}
	}
	return targets
}
