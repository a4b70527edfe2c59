package store

import (
	"context"
	"slices"

	"relance/internal/failure"
	"relance/internal/pace"
)

// calendar applies the zone and the holidays of the workspace, each when the file speaks of it.
func (a *applying) calendar(ctx context.Context, workspace Workspace) error {
	if workspace.Timezone == "" && workspace.Holidays == nil {
		return nil
	}
	before, err := readCalendar(ctx, a.tx)
	if err != nil {
		return err
	}
	after := before
	if workspace.Timezone != "" {
		after.Zone = workspace.Timezone
	}
	if workspace.Holidays != nil {
		after.Holidays = *workspace.Holidays
	}
	var change Change
	change.compare("timezone", before.Zone, after.Zone)
	a.times.zone = len(change.Edits) > 0
	change.compare("holidays", before.Holidays.String(), after.Holidays.String())
	var causes []failure.Cause
	if len(change.Edits) > 0 {
		a.times.calendar = true
		causes = append(causes, failure.Calendar)
		if _, err := a.tx.Exec(ctx, `UPDATE calendar SET rules = $1`, after); err != nil {
			return err
		}
	}
	key := after.Zone
	if key == "" {
		key = "UTC"
	}
	a.done("calendar", key, false, change.Edits, nil, causes...)
	return nil
}

// pace applies what an account sends at most.
func (a *applying) pace(ctx context.Context, before accountRow, after pace.AccountRules) ([]Edit, []failure.Cause, error) {
	var change Change
	causes, err := writePace(ctx, a.tx, before, after, &change, &a.times)
	return change.Edits, causes, err
}

// meet refuses what can never be, and adds to each campaign, or to its sender when the file
// does not name the campaign, what should be known about its times.
func (a *applying) meet(ctx context.Context) error {
	if a.times.none() {
		return nil
	}
	notes, err := a.times.meet(ctx, a.tx)
	if err != nil {
		return err
	}
	for _, note := range notes {
		if item := a.item("campaign", note.Campaign); item != nil {
			item.Notes = append(item.Notes, note.Text)
		} else if item := a.item("email account", note.Sender); item != nil {
			item.Notes = append(item.Notes, "campaign "+note.Campaign+": "+note.Text)
		}
	}
	return nil
}

// item is what was done to one thing of the file; nil when the file does not name it.
func (a *applying) item(kind, key string) *AppliedItem {
	at := slices.IndexFunc(a.applied.Items, func(item AppliedItem) bool { return item.Kind == kind && item.Key == key })
	if at < 0 {
		return nil
	}
	return &a.applied.Items[at]
}
