package store

import (
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"
)

// lawMail is a message that has passed its gate, as the ledger says: the only thing that is judged.
type lawMail struct {
	account    string
	enrollment int64
	at         time.Time // of the ledger
	by         time.Time // when the gate had been committed
	// pooled is true of one of the campaign of several senders, which has no window.
	pooled bool
}

// judge knows the ledger's times and the rules, and nothing else.
func (l *law) judge() {
	l.t.Helper()
	sent := l.accepted()
	require.Greater(l.t, len(l.sent), lawMails, "hardly anything was sent")
	for _, sender := range l.senders {
		var mails []lawMail
		for _, mail := range l.sent {
			if mail.account == sender.address {
				mails = append(mails, mail)
			}
		}
		slices.SortFunc(mails, func(a, b lawMail) int { return a.at.Compare(b.at) })
		l.did(sender.address)
		l.count[sender.address] += len(mails) - 1
		for i, mail := range mails {
			var before time.Time
			if i > 0 {
				before = mails[i-1].at
			}
			wrong := "no rule was in force"
			for n, edit := range l.edits[sender.address] {
				next := mail.by.Add(1)
				if n+1 < len(l.edits[sender.address]) {
					next = l.edits[sender.address][n+1].after
				}
				if !sender.paced() {
					next = next.Add(lawSlack)
				}
				if edit.before.After(mail.by) || next.Before(mail.at) {
					continue
				}
				if wrong = edit.rule.broken(mail, before, earlier(sent, mails[:i], mail, edit.rule)); wrong == "" {
					break
				}
			}
			require.Empty(l.t, wrong, "law 8: mail %d of %s, of enrollment %d at %s", i, sender.address, mail.enrollment, mail.at.UTC().Format("15:04:05.000"))
		}
		l.judgeCount(sender)
	}
}

// accepted are the messages that were not definitely refused: of each enrollment the last
// that has passed the gate, unless it has been refused since.
func (l *law) accepted() map[int64]time.Time {
	l.t.Helper()
	accepted := map[int64]time.Time{}
	rows, err := l.pool.Query(l.ctx, `SELECT enrollment_id, wire_at FROM deliveries WHERE state IN ('wire', 'sent', 'uncertain')`)
	require.NoError(l.t, err)
	var id int64
	var wireAt time.Time
	_, err = pgx.ForEachRow(rows, []any{&id, &wireAt}, func() error { accepted[id] = wireAt; return nil })
	require.NoError(l.t, err)
	return accepted
}

// earlier is how many were accepted, or may have been, on the same date of the rule's zone.
func earlier(accepted map[int64]time.Time, mails []lawMail, mail lawMail, rule lawRule) (count int) {
	zone := lawZone(rule.zone)
	day := mail.at.In(zone).Format(time.DateOnly)
	for _, earlier := range mails {
		if earlier.at.Equal(accepted[earlier.enrollment]) && earlier.at.In(zone).Format(time.DateOnly) == day {
			count++
		}
	}
	return count
}

func lawZone(name string) *time.Location {
	if name == "" {
		return time.UTC
	}
	zone, err := time.LoadLocation(name)
	if err != nil {
		panic(err)
	}
	return zone
}

func (r lawRule) broken(mail lawMail, before time.Time, earlier int) string {
	switch gap := mail.at.Sub(before); {
	case gap < r.gap:
		return fmt.Sprintf("%v after the last, the gap is %v", gap, r.gap)
	case r.perDay > 0 && earlier >= r.perDay:
		return fmt.Sprintf("%d were sent on the date before it, the limit is %d", earlier, r.perDay)
	case !r.hours.has(mail.at.In(lawZone(r.zone))):
		return "outside the hours " + r.hours.text()
	case !mail.pooled && !r.window.has(mail.at.In(lawZone("Europe/Brussels"))):
		return "outside the window " + r.window.text()
	}
	return ""
}

// judgeCount: what the account has spent is what the ledger says: definite failures are
// given back, uncertain ones are not.
func (l *law) judgeCount(sender lawSender) {
	l.t.Helper()
	if !sender.paced() {
		return // it spends nothing
	}
	require.Equal(l.t,
		one[int](l.ledgerBundle, `
			SELECT count(*) FROM deliveries d JOIN account_pace p ON p.address = d.account
			 WHERE d.account = $1 AND d.state IN ('wire', 'sent', 'uncertain') AND (d.wire_at AT TIME ZONE $2)::date = p.day`, sender.address, l.ruleOf(sender).zone),
		one[int](l.ledgerBundle, `SELECT count FROM account_pace WHERE address = $1`, sender.address),
		"what %s has spent of its day is what the ledger says", sender.address)
}
