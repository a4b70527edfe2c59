package operator

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"relance/internal/nearest"
	"relance/internal/pace"
)

// PaceSettings are the parts of an account's pace that are to be other than they are, as a
// person types them; nil leaves one as it is, and empty or the word none takes it away.
type PaceSettings struct {
	// Gap and Jitter are 90s or 5m; PerDay is 400, Ramp 20+10, Hours 08:00-20:00 or mon-fri
	// 09:00-17:00; sat 10:00-12:00, Timezone an IANA name, Order follow-ups-first or fifo.
	Gap, Jitter, PerDay, Ramp, Hours, Timezone, Order *string
	// None takes all away first.
	None bool
	// Shown is the Pace.Shown that was seen; nil does not look. SetPace is a Stale when it
	// is another by now.
	Shown *string
}

// PaceSet is what SetPace has done.
type PaceSet struct {
	Changed
	// Notes are what should be known about the times, a sentence each.
	Notes []string `json:"notes"`
	// Pace is the account's now; left out when it has none.
	Pace *Pace `json:"pace,omitempty"`
}

// SetPace sets what an email account sends at most. It counts for the next message, and
// moves nobody's timer. A NotFound when there is no such account, an Invalid for a value that
// cannot be, an ErrRefused when a campaign could never send.
func (o *Operator) SetPace(ctx context.Context, address string, settings PaceSettings) (PaceSet, error) {
	db, err := o.database(ctx)
	if err != nil {
		return PaceSet{}, err
	}
	address = stored(address)
	var after pace.AccountRules
	change, notes, err := db.SetPace(ctx, address, o.by, settings.Shown, func(before pace.AccountRules) (pace.AccountRules, error) {
		after, err = settings.over(before)
		return after, err
	})
	if errors.Is(err, ErrNotFound) {
		err = o.noSuchAccount(ctx, db, address)
	}
	if err != nil {
		return PaceSet{}, err
	}
	calendar, err := db.Calendar(ctx)
	if err != nil {
		return PaceSet{}, err
	}
	out := PaceSet{Notes: list(notes), Pace: paceOf(after, calendar)}
	out.Changed, err = o.changed(ctx, db, change)
	return out, err
}

// over lays the settings over a pace; an Invalid names the first that cannot be.
func (s PaceSettings) over(rules pace.AccountRules) (pace.AccountRules, error) {
	if s.None {
		rules = pace.AccountRules{}
	}
	for _, err := range []error{
		part("gap", s.Gap, &rules.Gap, pace.ParseLength),
		part("jitter", s.Jitter, &rules.Jitter, pace.ParseLength),
		part("per_day", s.PerDay, &rules.PerDay, pace.ParseCount),
		part("ramp", s.Ramp, &rules.Ramp, pace.ParseRamp),
		part("hours", s.Hours, &rules.Hours, pace.ParseWindows),
		part("timezone", s.Timezone, &rules.Zone, zoneName),
		part("order", s.Order, &rules.Order, pace.ParseOrder),
	} {
		if err != nil {
			return rules, err
		}
	}
	for _, wrong := range rules.Check() {
		field, _, _ := strings.Cut(wrong.Field, "[")
		return rules, &Invalid{Field: field, Text: wrong.Text}
	}
	return rules, nil
}

func part[T any](field string, typed *string, to *T, read func(string) (T, error)) error {
	if typed == nil {
		return nil
	}
	var value T
	if text := strings.TrimSpace(*typed); text != "" && !strings.EqualFold(text, "none") {
		var err error
		if value, err = read(text); err != nil {
			return &Invalid{Field: field, Text: strings.ReplaceAll(field, "_", " ") + ": " + err.Error(), err: err}
		}
	}
	*to = value
	return nil
}

func zoneName(name string) (string, error) {
	_, err := pace.Zone(name)
	if meant := nearest.Word(name, pace.ZoneNames(), len(name)/3+1); err != nil && meant != "" {
		return "", fmt.Errorf("%q is no time zone (did you mean %q?); expected an IANA name such as Europe/Brussels", name, meant)
	}
	return name, err
}

// PaceOrders are the values of PaceSettings.Order.
func PaceOrders() []string { return []string{string(pace.FollowUpsFirst), string(pace.FIFO)} }

// TimeZones are names for PaceSettings.Timezone: those of places, and UTC.
func TimeZones() []string { return pace.ZoneNames() }
