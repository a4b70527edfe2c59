package operator

import (
	"context"
	"os/user"
	"time"

	"relance/internal/campaign"
	"relance/internal/plaintext"
	"relance/internal/reconcile"
	"relance/internal/settings"
)

// Temporal is what operators need of Temporal.
type Temporal interface {
	// TriggerWake has the outbox drained now.
	TriggerWake(ctx context.Context) error
	// StartEnrolling has a campaign's enrollments started that are not.
	StartEnrolling(ctx context.Context, campaignKey string, howMany int) error
	// Prepare registers search attributes and the schedule, and returns what it did.
	Prepare(ctx context.Context) ([]string, error)
	Close()
	// The rest is for Reconcile.
	reconcile.Temporal
}

// Options are what an Operator depends on.
type Options struct {
	// LookupEnv reads the environment: where PostgreSQL and Temporal are.
	LookupEnv settings.Lookup
	// By is the name that notes, the ledger and the activity keep for what is done; empty
	// is RELANCE_USER, or the system's user name.
	By string
	// DialTemporal stands in for the real connection; nil dials.
	DialTemporal func(context.Context, settings.Lookup) (Temporal, error)
	// LogIn stands in for a real login at a mail server; nil logs in.
	LogIn func(context.Context, campaign.EmailAccount) error
	// SlowLogin is called when a mail server has been silent for LoginPatience;
	// it may be nil. 0 is 3 s.
	SlowLogin     func(campaign.EmailAccount)
	LoginPatience time.Duration

	// Tick is how often something that goes on is looked at, Patience how long
	// nothing may move before it is said, LookAgain the time between two looks of
	// Reconcile at what differs. 0 is 200 ms, a minute, a second.
	Tick, Patience, LookAgain time.Duration
}

// Operator does what a person asks for. It opens the database and Temporal when
// a method first needs them, and keeps them until Close. It is safe for
// concurrent use: a front end holds one for its life.
type Operator struct {
	*connections
	by      string
	listing bool
	// saw is set by Seeing, rate by Pacing, requested by Reporting.
	saw       *int64
	rate      *campaign.Rate
	requested func(id int64)
}

// New makes an Operator. Nothing is opened yet.
func New(o Options) *Operator {
	for _, part := range []struct {
		of        *time.Duration
		otherwise time.Duration
	}{{&o.Tick, 200 * time.Millisecond}, {&o.Patience, time.Minute}, {&o.LookAgain, time.Second}, {&o.LoginPatience, 3 * time.Second}} {
		if *part.of == 0 {
			*part.of = part.otherwise
		}
	}
	if o.By == "" {
		o.By = userName(o.LookupEnv)
	}
	return &Operator{connections: &connections{Options: o}, by: o.By}
}

// As is the same Operator in the name of another person: the one who has signed
// in to a page. Without a name it is as before. It shares the connections, and only
// the first one is closed.
func (o *Operator) As(by string) *Operator {
	other := *o
	if by != "" {
		other.by = by
	}
	return &other
}

// userName is the name of who runs the program.
func userName(lookup settings.Lookup) string {
	if lookup != nil {
		if name, ok := lookup("RELANCE_USER"); ok && plaintext.Line(name, plaintext.Name) != "" {
			return plaintext.Line(name, plaintext.Name)
		}
	}
	if current, err := user.Current(); err == nil {
		return current.Username
	}
	return "operator"
}

// Listing is the same Operator, whose changes also list the contacts that they
// concern: what Follow needs.
func (o *Operator) Listing() *Operator {
	other := *o
	other.listing = true
	return &other
}

// Progress is called with how much of a long operation is done; it may be nil.
type Progress func(done, total int)

func (p Progress) say(done, total int) {
	if p != nil {
		p(done, total)
	}
}
