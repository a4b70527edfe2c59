package store

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"relance/internal/pace"
)

// timesNote is what a person should know about the times of a campaign.
type timesNote struct{ Campaign, Sender, Text string }

// meetRow is a campaign with the rules of its sender.
type meetRow struct {
	Key     string
	Window  pace.CampaignRules
	Sender  string
	Pace    *pace.AccountRules
	Running int
}

// meet refuses a change after which a campaign could never send, with the count of those
// that it concerns, and notes where there is less time than the limit would allow.
func (c timesChange) meet(ctx context.Context, tx pgx.Tx) ([]timesNote, error) {
	calendar, err := readCalendar(ctx, tx)
	if err != nil {
		return nil, err
	}
	var now time.Time
	if err := tx.QueryRow(ctx, `SELECT clock_timestamp()`).Scan(&now); err != nil {
		return nil, err
	}
	rows, err := tx.Query(ctx, `
		SELECT c.key, c.send_window AS "window", coalesce(a.address, '') AS sender, a.pace,
		       (SELECT count(*) FROM enrollments e WHERE e.campaign = c.key AND e.`+runningSQL+`)::int AS running
		  FROM campaigns c LEFT JOIN email_accounts a ON a.address = c.sender OR a.address = ANY (c.senders)
		 WHERE $1 OR c.sender = ANY ($2) OR c.senders && $2 OR c.key = ANY ($3) ORDER BY c.key, array_position(c.senders, a.address)`, c.calendar, c.accounts, c.campaigns)
	if err != nil {
		return nil, err
	}
	campaigns, err := pgx.CollectRows(rows, pgx.RowToStructByName[meetRow])
	if err != nil {
		return nil, err
	}
	var notes []timesNote
	for len(campaigns) > 0 {
		next := slices.IndexFunc(campaigns, func(of meetRow) bool { return of.Key != campaigns[0].Key })
		if next < 0 {
			next = len(campaigns)
		}
		said, err := meetAny(campaigns[:next], now, calendar)
		if err != nil {
			return nil, err
		}
		notes, campaigns = append(notes, said...), campaigns[next:]
	}
	return notes, nil
}

// meetAny is an ErrRefused when none of a campaign's senders could ever send; of several, it
// notes those that could not.
func meetAny(senders []meetRow, now time.Time, calendar pace.Calendar) (notes []timesNote, err error) {
	never := 0
	for _, of := range senders {
		note, err := of.meet(now, calendar)
		if err != nil {
			if never++; never == len(senders) {
				return nil, err
			}
			note = "it never sends for this campaign: its hours and the window never meet"
		}
		if note != "" && len(senders) > 1 {
			note = of.Sender + ": " + note
		}
		if note != "" {
			notes = append(notes, timesNote{of.Key, of.Sender, note})
		}
	}
	return notes, nil
}

// meet is an ErrRefused when the campaign could never send; of one that sends in each
// recipient's zone, only a recipient shows whether it meets the hours of the sender.
func (of meetRow) meet(now time.Time, calendar pace.Calendar) (note string, err error) {
	window, err := of.Window.Hours(calendar, "")
	if err != nil {
		return "", err
	}
	if _, err := pace.Next(now, window); err != nil {
		return "", refusedf("campaign %s: its window (%s) has no day left within a year that is no holiday (%s): %s; change the window or the holidays",
			of.Key, orAlways(of.Window.String()), window.Holidays, of.lost())
	}
	if of.Pace == nil || of.Window.InRecipientZone() {
		return "", nil
	}
	account, err := of.Pace.Account(calendar)
	if err != nil {
		return "", err
	}
	if err := pace.Meet(now, window, account.Hours); err != nil {
		return "", refusedf("campaign %s: its window (%s, %s) and the hours of its sender %s (%s, %s) never meet: %s; change the window, the hours or a zone",
			of.Key, orAlways(pace.WindowsText(window.Windows)), window.Zone, of.Sender, orAlways(pace.WindowsText(account.Hours.Windows)), account.Hours.Zone, of.lost())
	}
	return capacityNote(now, account, window), nil
}

// capacityNote says when there is less time than the limit allows, even on the best of the
// next days.
func capacityNote(now time.Time, account pace.Account, window pace.Hours) string {
	if account.PerDay == 0 {
		return ""
	}
	most, by := 0, pace.CampaignWindow
	today := pace.DateOf(now.In(account.Hours.Zone))
	for i := range 7 {
		if n, of := account.Capacity(today.Add(i), window); n > most {
			most, by = n, of
		}
	}
	switch {
	case by == pace.DayLimit || most == 0: // a holiday of a week is no want of time
		return ""
	case by == pace.AccountHours:
		return fmt.Sprintf("the account's hours, not the limit of %d, decide: %d a day", account.PerDay, most)
	}
	return fmt.Sprintf("the window, not the limit of %d, decides: %d a day", account.PerDay, most)
}

func (of meetRow) lost() string {
	if of.Running == 0 {
		return "nobody could ever be sent anything"
	}
	return countedContacts(of.Running, "could", "could") + " never be sent anything"
}

func orAlways(text string) string {
	if text == "" {
		return "always"
	}
	return text
}
