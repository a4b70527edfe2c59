package operator

import (
	"bytes"
	"context"
	"encoding/csv"
	"io"
	"strings"
	"time"

	"relance/internal/store"
)

// ListMark is a place in a list of addresses, the latest first. The zero value is before the first.
type ListMark = store.ListMark

// SuppressionPage is a part of the list of what is suppressed, the latest first.
type SuppressionPage struct {
	Items []Suppression
	// Next is where the page that follows begins; nil when this is the last.
	Next *ListMark
}

// SuppressionsPage lists the suppressed addresses and domains with the text in them, all when it
// is empty: limit of them, from after on.
func (o *Operator) SuppressionsPage(ctx context.Context, text string, after ListMark, limit int) (SuppressionPage, error) {
	db, err := o.database(ctx)
	if err != nil {
		return SuppressionPage{}, err
	}
	items, err := db.SuppressionsPage(ctx, strings.TrimSpace(text), after, limit+1)
	page := SuppressionPage{Items: list(items)}
	if len(items) > limit {
		page.Items = items[:limit]
		page.Next = &ListMark{At: items[limit-1].At, Text: items[limit-1].Target}
	}
	return page, err
}

// suppressionsAtOnce is how many lines of the file are read at once.
const suppressionsAtOnce = 5000

// WriteSuppressions writes what is suppressed as CSV, which ImportSuppressions reads. Nothing is
// asked of to before there is something to write.
func (o *Operator) WriteSuppressions(ctx context.Context, to func() io.Writer) error {
	page, err := o.SuppressionsPage(ctx, "", ListMark{}, suppressionsAtOnce)
	if err != nil {
		return err
	}
	writer := csv.NewWriter(to())
	_ = writer.Write([]string{"target", "reason", "note", "by", "at"}) // Error says it
	for {
		for _, one := range page.Items {
			_ = writer.Write(Defused(one.Target, one.Reason, one.Note, one.By, one.At.UTC().Format(time.RFC3339)))
		}
		if writer.Flush(); page.Next == nil || writer.Error() != nil {
			return writer.Error()
		}
		if page, err = o.SuppressionsPage(ctx, "", *page.Next, suppressionsAtOnce); err != nil {
			return err
		}
	}
}

// WouldSuppress is what a suppression would do.
type WouldSuppress struct {
	// Targets are what would be suppressed, as they are stored.
	Targets []string
	store.WouldSuppress
}

// WouldSuppress says what AddSuppression would do, and changes nothing; errors as its.
func (o *Operator) WouldSuppress(ctx context.Context, text string) (WouldSuppress, error) {
	target, err := suppressionTarget(text)
	if err != nil {
		return WouldSuppress{}, err
	}
	return o.wouldSuppress(ctx, []string{target})
}

// WouldImport says what ImportSuppressions would do, and changes nothing; errors as its.
func (o *Operator) WouldImport(ctx context.Context, content []byte) (WouldSuppress, error) {
	read, err := readSuppressions(content, "")
	if err != nil {
		return WouldSuppress{}, err
	}
	targets := make([]string, len(read))
	for i, one := range read {
		targets[i] = one.Target
	}
	return o.wouldSuppress(ctx, targets)
}

func (o *Operator) wouldSuppress(ctx context.Context, targets []string) (WouldSuppress, error) {
	db, err := o.database(ctx)
	if err != nil {
		return WouldSuppress{}, err
	}
	would, err := db.WouldSuppress(ctx, targets)
	return WouldSuppress{targets, would}, err
}

// NormalSuppressions is a file as ImportSuppressions reads it, in UTF-8 with one line a target and
// its note: what a page keeps of an upload until it is confirmed. Errors as ImportSuppressions'.
func NormalSuppressions(content []byte) ([]byte, error) {
	read, err := readSuppressions(content, "")
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	writer := csv.NewWriter(&out)
	_ = writer.Write([]string{"target", "note"})
	for _, one := range read {
		_ = writer.Write([]string{one.Target, one.Note})
	}
	writer.Flush()
	return out.Bytes(), writer.Error()
}

// SuppressionAt is what is suppressed under a name; a NotFound when nothing is.
func (o *Operator) SuppressionAt(ctx context.Context, text string) (Suppression, error) {
	target, err := suppressionTarget(text)
	if err != nil {
		return Suppression{}, err
	}
	db, err := o.database(ctx)
	if err != nil {
		return Suppression{}, err
	}
	found, err := db.SuppressionsNamed(ctx, target)
	if err != nil || len(found) == 0 {
		return Suppression{}, o.noSuppression(ctx, db, target, err)
	}
	return found[0], nil
}
