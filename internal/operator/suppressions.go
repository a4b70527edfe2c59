package operator

import (
	"context"
	"errors"
	"strings"
	"time"

	"relance/internal/campaign"
	"relance/internal/plaintext"
	"relance/internal/store"
)

// Suppression is an address or a domain to which nothing is sent, as somebody has said so.
type Suppression = campaign.Suppression

// Suppressed is what AddSuppression and ImportSuppressions have done.
type Suppressed struct {
	store.Suppressed
	// Delayed is why the workflows that were ended are not signalled at once; nil when they
	// are, or when none was ended.
	Delayed error `json:"-"`
}

// longestNote is how many characters of a note are kept.
const longestNote = 500

// Suppressions lists the suppressed addresses and domains, the latest first.
func (o *Operator) Suppressions(ctx context.Context) ([]Suppression, error) {
	db, err := o.database(ctx)
	if err != nil {
		return nil, err
	}
	suppressions, err := db.Suppressions(ctx)
	return list(suppressions), err
}

// AddSuppression has nothing more sent to an address or a domain, and ends the enrollments of the
// contacts concerned. An Invalid when the text is neither.
func (o *Operator) AddSuppression(ctx context.Context, text, note string) (Suppressed, error) {
	target, err := suppressionTarget(text)
	if err != nil {
		return Suppressed{}, err
	}
	return o.suppress(ctx, []store.ToSuppress{{Target: target, Reason: store.SuppressedByHand, Note: plaintext.Line(note, longestNote)}})
}

// ImportSuppressions is AddSuppression for every line of a file; see readSuppressions. An
// Invalid that names the lines when one is neither an address nor a domain: then nothing is changed.
func (o *Operator) ImportSuppressions(ctx context.Context, content []byte, note string) (Suppressed, error) {
	targets, err := readSuppressions(content, plaintext.Line(note, longestNote))
	if err != nil {
		return Suppressed{}, err
	}
	return o.suppress(ctx, targets)
}

func (o *Operator) suppress(ctx context.Context, targets []store.ToSuppress) (Suppressed, error) {
	db, err := o.database(ctx)
	if err != nil {
		return Suppressed{}, err
	}
	done, err := db.AddSuppressions(ctx, targets, o.by)
	out := Suppressed{Suppressed: done}
	if err == nil && done.Ended > 0 {
		out.Delayed = o.drain(ctx)
	}
	return out, err
}

// RemoveSuppression lets an address or a domain be written to again; enrollments that were ended
// stay so. Seen is since when it is suppressed, as the person has read, the zero time for any: a
// Stale when it was suppressed anew. A NotFound when it is not suppressed.
func (o *Operator) RemoveSuppression(ctx context.Context, text string, seen time.Time) (Suppression, error) {
	target, err := suppressionTarget(text)
	if err != nil {
		return Suppression{}, err
	}
	db, err := o.database(ctx)
	if err != nil {
		return Suppression{}, err
	}
	removed, err := db.RemoveSuppression(ctx, target, seen, o.by)
	if errors.Is(err, ErrNotFound) {
		err = o.noSuppression(ctx, db, target, nil)
	}
	return removed, err
}

// mostNamed is how many names a NotFound lists at most, for the nearest to be suggested.
const mostNamed = 1000

// noSuppression names what is suppressed instead: the domain that holds an address back, or
// the latest entries. It is err when there is one.
func (o *Operator) noSuppression(ctx context.Context, db *store.Store, target string, err error) error {
	if err != nil {
		return err
	}
	missing := &NotFound{Thing: SuppressionThing, Key: target}
	if strings.Contains(target, "@") {
		domain, err := db.SuppressionOf(ctx, target)
		if err != nil {
			return err
		}
		if domain != nil {
			missing.Existing = []string{domain.Target}
			return missing
		}
	}
	page, err := db.SuppressionsPage(ctx, "", ListMark{}, mostNamed)
	for _, one := range page {
		missing.Existing = append(missing.Existing, one.Target)
	}
	if err != nil {
		return err
	}
	return missing
}

func suppressionTarget(text string) (string, error) {
	target, err := campaign.SuppressionTarget(text)
	if err != nil {
		return "", invalid("target", err)
	}
	return target, nil
}
