package main

import (
	"context"
	"fmt"
	"time"

	"relance/internal/campaign"
	"relance/internal/pace"
)

// measureForecast runs the two commands that walk a line on a short one and on a long one.
func measureForecast(ctx context.Context, s *rig) ([]result, error) {
	small, large := 500, s.size(50_000)
	d, err := s.openDataset(ctx, "bench_forecast")
	if err != nil {
		return nil, err
	}
	defer d.db.Close()
	const sender = "office@bench.example"
	rules := pace.AccountRules{Gap: 45 * time.Second, Jitter: 15 * time.Second, PerDay: 400, Zone: "Europe/Brussels"}
	window := pace.CampaignRules{Zone: pace.RecipientZone, Windows: []pace.Window{{Days: pace.Weekdays, From: 9 * 60, To: 17 * 60}}}
	if _, err := d.db.Exec(ctx, `UPDATE email_accounts SET pace = $1 WHERE address = $2`, rules, sender); err != nil {
		return nil, err
	}
	if _, err := d.db.Exec(ctx, `INSERT INTO account_pace (address) VALUES ($1)`, sender); err != nil {
		return nil, err
	}
	if _, err := d.db.Exec(ctx, `UPDATE campaigns SET send_window = $1, steps = $2 WHERE key = 'office-0'`, window, []step{
		email("intro"), {ID: "w", Kind: campaign.Wait, Wait: 72 * time.Hour, Days: 3}, email("second"), {ID: "v", Kind: campaign.Wait, Wait: 120 * time.Hour, Days: 5}, email("third"),
	}); err != nil {
		return nil, err
	}
	floors := map[string]float64{}
	var results []result
	for _, n := range []int{small, large} {
		for _, sql := range []string{
			`INSERT INTO contacts (id, first_name, email, fields) SELECT i, 'C', 'c' || i || '@contoso.example', '{"Country": "Belgium"}' FROM generate_series($1::int, $2::int) AS i`,
			`INSERT INTO enrollments (id, campaign, contact_id, status, step_id, step_index, started_at) SELECT i, 'office-0', i, 'Waiting', 'intro', 0, now() FROM generate_series($1::int, $2::int) AS i`,
			`INSERT INTO line (enrollment_id, step_id, campaign, account, zone, band, state)
			 SELECT i, 'intro', 'office-0', 'office@bench.example', (ARRAY['Europe/Brussels', 'Europe/London', 'Europe/Lisbon', 'Europe/Athens', 'America/New_York', 'America/Chicago', 'America/Los_Angeles', 'America/Sao_Paulo',
			        'Asia/Kolkata', 'Asia/Singapore', 'Asia/Dubai', 'Africa/Cairo', 'Africa/Lagos', 'Europe/Istanbul', 'Europe/Helsinki', 'Europe/Dublin'])[1 + (hashint8(i) & 15)], 2, 'waiting'
			   FROM generate_series($1::int, $2::int) AS i`,
		} {
			if _, err := d.db.Exec(ctx, sql, d.rows+1, n); err != nil {
				return results, err
			}
		}
		d.rows = n
		if _, err := d.db.Exec(ctx, `VACUUM ANALYZE`); err != nil {
			return results, err
		}
		for _, args := range [][]string{{"forecast", sender}, {"why", fmt.Sprint(n / 2)}} {
			took, err := d.typical(ctx, nil, args...)
			if err != nil {
				return results, err
			}
			if n == small {
				floors[args[0]] = took
				continue
			}
			results = append(results, result{Of: args[0], Unit: "ms", Ours: took, Floor: floors[args[0]], Goal: atMost(5), Note: fmt.Sprintf("%d in line, in 16 zones ÷ %d", large, small)})
		}
	}
	return results, nil
}
