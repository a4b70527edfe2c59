package store

import (
	"strconv"
	"time"

	"relance/internal/campaign"
	"relance/internal/pace"
)

type lineSenderRow struct {
	spentRow
	Address      string
	Status       campaign.AccountStatus
	Reason       string
	RestingUntil *time.Time
	RestReason   string
	Pace         pace.AccountRules
	Turns        map[string]int64
	Asked        bool
}

func (row lineSenderRow) sender() (LineSender, error) {
	spent, err := row.spent()
	return LineSender{
		Address: row.Address, Status: row.Status, Reason: row.Reason, RestingUntil: row.RestingUntil, RestReason: row.RestReason,
		Pace: row.Pace, Spent: spent, Seq: row.Seq, Turns: row.Turns, Asked: row.Asked,
	}, err
}

// The accounts that are asked for; and those that share with them, over any number of
// campaigns, contacts that nobody has mailed: what one takes, the others do not.
const lineSendersSQL = `
WITH RECURSIVE asked (address) AS (
	SELECT a.address FROM email_accounts a
	 WHERE CASE WHEN @account <> '' THEN a.address = @account
	            WHEN @campaign <> '' THEN EXISTS (SELECT FROM campaigns c WHERE c.key = @campaign AND (c.sender = a.address OR c.senders @> ARRAY[a.address]))
	                                      OR a.address IN (SELECT l.account FROM line l JOIN campaigns c ON c.key = l.campaign AND c.senders <> '{}' WHERE l.campaign = @campaign)
	            WHEN @contact::bigint <> 0 THEN EXISTS (SELECT FROM campaigns c WHERE c.key = ANY (@open) AND (c.sender = a.address OR c.senders @> ARRAY[a.address]))
	                                            OR a.address = ANY (@own)
	            ELSE a.status <> 'removed' AND EXISTS (SELECT FROM campaigns c WHERE c.sender = a.address OR c.senders @> ARRAY[a.address]) END),
shared (address) AS (
	SELECT address FROM asked
	 UNION
	SELECT s.address FROM shared JOIN campaigns c ON c.senders @> ARRAY[shared.address] CROSS JOIN LATERAL unnest(c.senders) AS s (address))
SELECT a.address, a.status, a.reason, a.resting_until, CASE WHEN a.resting_until > clock_timestamp() THEN a.rest_reason ELSE '' END AS rest_reason,
       a.pace, ` + spentColumns + `, coalesce((SELECT jsonb_object_agg(t.campaign, t.turn) FROM campaign_turns t WHERE t.account = a.address), '{}') AS turns,
       a.address IN (SELECT address FROM asked) AS asked
  FROM email_accounts a LEFT JOIN account_pace p ON p.address = a.address
 WHERE a.address IN (SELECT address FROM shared)
 ORDER BY a.address`

// Those who only wait are counted together, but for those who are away, and also when others stand
// between them: of each no more than its place is read, a line is long. Who sleeps stands in
// its place like the rest: whether its window is open is reckoned, and not what the giver last
// saw; who was put aside comes back. In the second band there are first mails only, and nobody asks
// since when those are due. Those who stand alone are few, and found by themselves. Nobody whose workflow was ended leaves.
// Who looks what comes next, after an edit, keeps its place: see holdPlaces.
var linePlacesSQL = `
WITH alone AS MATERIALIZED (
	SELECT enrollment_id FROM line WHERE account = ANY (@accounts) AND state IN ('granted', 'claimed')
	 UNION SELECT unnest(@apart::bigint[])
	 UNION SELECT e.id FROM contact_holds h JOIN enrollments e ON e.contact_id = h.contact_id WHERE h.until > clock_timestamp()),
placed AS NOT MATERIALIZED (
	SELECT *, state = 'stuck' AS put_aside FROM line
	 WHERE (account = ANY (@accounts) OR account IS NULL AND campaign IN (SELECT key FROM campaigns WHERE key = ANY (@of) OR senders && @accounts))
	   AND (state <> 'held' OR EXISTS (SELECT FROM enrollments e WHERE e.id = enrollment_id AND e.status = 'Waiting' AND e.next_at IS NULL))
	   AND enrollment_id NOT IN (SELECT enrollment_id FROM ended_workflows))
SELECT coalesce(account, '') AS account, account IS NULL AS unbound, campaign, step_id, 0 AS step_index, zone, band::int,
       array_agg(seq) AS seqs, array_agg(since) FILTER (WHERE band = ` + strconv.Itoa(int(campaign.FollowUps)) + `) AS sinces, count(*)::int AS count, min(since) AS since,
       min(granted_at) FILTER (WHERE put_aside) + interval '` + stuckFor.String() + `' AS not_before, array_agg(granted_at + interval '` + stuckFor.String() + `') FILTER (WHERE put_aside) AS froms,
       CASE WHEN put_aside THEN 'stuck' ELSE 'waiting' END AS state, 0::bigint AS enrollment
  FROM placed WHERE enrollment_id NOT IN (SELECT enrollment_id FROM alone) GROUP BY placed.account, campaign, step_id, zone, placed.band, put_aside
UNION ALL
SELECT coalesce(account, ''), account IS NULL, campaign, step_id, 0, zone, band::int, ARRAY[seq], ARRAY[since], 1, since,
       greatest(CASE WHEN put_aside THEN granted_at + interval '` + stuckFor.String() + `' END,
                (SELECT h.until FROM contact_holds h JOIN enrollments e ON e.contact_id = h.contact_id WHERE e.id = enrollment_id AND h.until > clock_timestamp())),
       NULL, CASE WHEN state IN ('asleep', 'held') THEN 'waiting' ELSE state END,
       CASE WHEN enrollment_id = ANY (@apart) THEN enrollment_id ELSE 0 END
  FROM placed WHERE enrollment_id IN (SELECT enrollment_id FROM alone)
 ORDER BY account, campaign, step_id, zone, band, state, enrollment, since`

const linePassedSQL = `
SELECT campaign, step_id, (coalesce(sum(n) FILTER (WHERE what = 'sent'), 0))::int AS sent, (coalesce(sum(n) FILTER (WHERE what = 'Disenrolled'), 0))::int AS disenrolled,
       (coalesce(sum(n) FILTER (WHERE what NOT IN ('sent', 'Disenrolled')), 0))::int AS standing
  FROM tally_step WHERE campaign = ANY (@campaigns) AND what IN ('sent', 'Disenrolled', 'Active', 'Waiting', 'InError', 'Paused') GROUP BY 1, 2`

var lineEnrollmentsSQL = `
SELECT e.id, e.campaign, coalesce(` + ownSenderSQL + `, '') AS sender, e.status, coalesce(r.step_id, CASE WHEN l.state <> 'held' THEN l.step_id END, e.step_id) AS step_id, coalesce(r.step_index, e.step_index) AS step_index,
       e.next_at, e.started_at IS NOT NULL AS started, e.id IN (SELECT enrollment_id FROM ended_workflows) AS workflow_ended,
       (SELECT o.not_before FROM outbox o WHERE o.id = e.request AND o.done_at IS NULL AND o.not_before > clock_timestamp()) AS starts_at,
       coalesce(e.code, '') AS code, coalesce(e.detail, '') AS detail,
       coalesce(l.state, '') AS line_state, l.since, CASE WHEN l.state = 'stuck' THEN l.granted_at + interval '` + stuckFor.String() + `' END AS aside_until, r.next_at AS retry_at, coalesce(r.why, '') AS retry_why,
       h.until AS held_until, coalesce(h.words, '') AS held_words, l.awaits_look, coalesce(l.looks_at, l.account, '') AS looks_at, ` + hadSQL + ` AS had
  FROM enrollments e
  JOIN campaigns c ON c.key = e.campaign
  LEFT JOIN line l ON l.enrollment_id = e.id
  LEFT JOIN retrying r ON r.enrollment_id = e.id
  LEFT JOIN contact_holds h ON h.contact_id = e.contact_id AND h.until > clock_timestamp()
 WHERE e.contact_id = $1 AND ($2 = '' OR e.campaign = $2) ORDER BY e.id DESC`
