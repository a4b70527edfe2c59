package operator

import (
	"context"
	"fmt"
	"strings"
	"time"

	"relance/internal/pace"
)

// EnrollTime reads when an enrollment is to begin: an instant as RFC 3339 has it, or a date
// and a time of day in the workspace's zone. An Invalid for anything else, and for a time
// that is over.
func (o *Operator) EnrollTime(ctx context.Context, text string) (time.Time, error) {
	at, err := o.parseTime(ctx, text)
	if err == nil && !at.After(time.Now()) {
		return time.Time{}, &Invalid{Field: "at", Problem: fmt.Sprintf("is %s, which is over; leave it out to begin at once", at.Format("Mon 2 Jan 2006 15:04 MST"))}
	}
	return at, err
}

func (o *Operator) parseTime(ctx context.Context, text string) (time.Time, error) {
	text = strings.TrimSpace(text)
	if at, err := time.Parse(time.RFC3339, text); err == nil {
		return at, nil
	}
	return o.localTime(ctx, text)
}

// localTime reads a date and a time of day of the workspace's zone.
func (o *Operator) localTime(ctx context.Context, text string) (time.Time, error) {
	wrong := &Invalid{Field: "at", Problem: fmt.Sprintf("is %q; expected a time as 2026-12-01T09:00:00+01:00, or in the workspace's zone as %q", text, "2026-12-01 09:00")}
	wall, err := time.Parse("2006-01-02 15:04", strings.Replace(text, "T", " ", 1))
	if err != nil {
		return time.Time{}, wrong
	}
	db, err := o.database(ctx)
	if err != nil {
		return time.Time{}, err
	}
	calendar, err := db.Calendar(ctx)
	if err != nil {
		return time.Time{}, err
	}
	zone := time.UTC
	if calendar.Zone != "" {
		if zone, err = time.LoadLocation(calendar.Zone); err != nil {
			return time.Time{}, fmt.Errorf("the workspace's zone: %w", err)
		}
	}
	return pace.DateOf(wall).At(pace.Clock(60*wall.Hour()+wall.Minute()), zone), nil
}
