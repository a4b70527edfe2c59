package store

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relance/internal/inbound"
)

// BenchmarkHear is what keeping one message costs, by what it is, where 50,000 contacts at 5,000 companies have had an email
// of the mailbox in the last month: the median, beside that of an empty commit.
func BenchmarkHear(bench *testing.B) {
	const contacts = 50_000
	b := setupHeard(bench, contacts)
	b.exec(`UPDATE contacts SET email = 'c' || id || '@' || CASE id % 10 WHEN 0 THEN 'gmail.com' ELSE 'co' || id % 5000 || '.example' END`)
	b.exec(`UPDATE enrollments SET status = 'Waiting', step_id = 'wait-2', step_index = 1`)
	b.exec(`INSERT INTO deliveries (enrollment_id, step_id, visit, kind, state, account, recipient, subject, message_id, message_date, reserved_at, settled_at)
		SELECT e.id, 'intro', 1, 'email', 'sent', $1, k.email, 'Hi', lpad(to_hex(e.id), 24, '0') || '@northwind.example', at, at, at
		  FROM enrollments e JOIN contacts k ON k.id = e.contact_id, LATERAL (SELECT now() - interval '30 days' * e.id / $2 AS at) AS t ORDER BY e.id`, maya, contacts)
	b.exec(`VACUUM ANALYZE`)
	id := int64(0)
	for name, message := range map[string]func(id int64) Inbound{
		"reply": func(id int64) Inbound { return heardFrom(id, inbound.Reply, inbound.Verdict{}) },
		"away": func(id int64) Inbound {
			message := heardFrom(id, inbound.OutOfOffice, inbound.Verdict{})
			message.AwayUntil = time.Now().Add(72 * time.Hour)
			return message
		},
		"bounce": func(id int64) Inbound {
			recipient := one[string](b, `SELECT email FROM contacts WHERE id = $1`, id)
			message := heardFrom(id, inbound.Bounce, inbound.Verdict{Recipients: []inbound.Recipient{{Address: recipient, Class: inbound.ClassHard}}})
			message.Mail.InReplyTo = nil
			message.Verdict.Reported.MessageIDs = []string{idOf(id)}
			return message
		},
		"bounce without an id": func(id int64) Inbound {
			recipient := one[string](b, `SELECT email FROM contacts WHERE id = $1`, id)
			message := heardFrom(id, inbound.Bounce, inbound.Verdict{Recipients: []inbound.Recipient{{Address: recipient, Class: inbound.ClassHard}}})
			message.Mail.InReplyTo = nil
			return message
		},
		"own": func(id int64) Inbound {
			message := heardFrom(id, inbound.Own, inbound.Verdict{})
			message.Folder, message.Mail.InReplyTo, message.Mail.MessageID = "Sent", nil, idOf(id)
			return message
		},
		"other": func(id int64) Inbound {
			message := heardFrom(id, inbound.Reply, inbound.Verdict{})
			message.Mail.InReplyTo, message.Mail.Subject = nil, fmt.Sprintf("Invoice %d", id)
			message.Mail.From[0].Address = fmt.Sprintf("pat%d@elsewhere%d.example", id, id%100)
			return message
		},
		"colleague": func(id int64) Inbound {
			message := heardFrom(id, inbound.Reply, inbound.Verdict{})
			message.Mail.InReplyTo = nil
			message.Mail.From[0].Address = fmt.Sprintf("boss@co%d.example", id%5000)
			return message
		},
	} {
		bench.Run(name, func(bench *testing.B) {
			var took, floor []time.Duration
			for bench.Loop() {
				if id++; id%10 == 0 {
					id++
				}
				require.Less(bench, id, int64(contacts))
				heard := message(id)
				began := time.Now()
				b.hear(heard)
				took = append(took, time.Since(began))
				began = time.Now()
				b.exec(`UPDATE email_accounts SET reason = reason WHERE address = $1`, maya)
				floor = append(floor, time.Since(began))
			}
			slices.Sort(took)
			slices.Sort(floor)
			middle := len(took) / 2
			bench.ReportMetric(0, "ns/op")
			bench.ReportMetric(float64(took[middle].Microseconds())/1000, "ms")
			bench.ReportMetric(float64(took[middle])/float64(floor[middle]), "÷commit")
			bench.ReportMetric(float64(took[len(took)*95/100])/float64(floor[middle]), "p95÷commit")
		})
	}
}
