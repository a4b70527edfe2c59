package store

// Who is first in the line of an account: the follow-ups, in the order in which they came; then
// the first mails, campaign by campaign in turns, and within a campaign in the order in which
// they came. A campaign of ten waits for one mail of each other campaign, and not for the fifty
// thousand of one. With the order fifo all are in the first band.

// takesSQL is true of account p and campaign c of several senders when the account takes
// those who stand in the campaign's line: it is a sender of it and connected; or none of its
// senders is, and they have to learn of that.
const takesSQL = `c.senders @> ARRAY[p.address] AND (
	EXISTS (SELECT FROM email_accounts t WHERE t.address = p.address AND t.status = 'connected')
	OR NOT EXISTS (SELECT FROM email_accounts t WHERE t.address = ANY (c.senders) AND t.status = 'connected'))`

// firstMailsOfSQL are the campaigns of which first mails wait in the line of account p. Each costs
// a look at an index, however many wait.
const firstMailsOfSQL = `(
	WITH RECURSIVE of (campaign) AS (
		SELECT min(campaign) FROM line WHERE account = p.address AND state = 'waiting' AND band = 2
		 UNION ALL
		SELECT (SELECT min(campaign) FROM line WHERE account = p.address AND state = 'waiting' AND band = 2 AND campaign > of.campaign) FROM of WHERE of.campaign IS NOT NULL)
	SELECT campaign FROM of WHERE campaign IS NOT NULL) of`

// firstSQL is the place l of the first who waits for a turn of account p: of first mails, that of
// the campaign that has had none of the account's turns for the longest.
const firstSQL = `(
	SELECT o.* FROM (
		(SELECT * FROM line WHERE account = p.address AND state = 'waiting' AND band = 1 ORDER BY seq LIMIT 1)
		 UNION ALL
		SELECT o.* FROM ` + firstMailsOfSQL + `
		 CROSS JOIN LATERAL (SELECT * FROM line WHERE account = p.address AND state = 'waiting' AND band = 2 AND campaign = of.campaign ORDER BY seq LIMIT 1) o
		 UNION ALL
		SELECT o.* FROM campaigns c CROSS JOIN LATERAL (SELECT * FROM line o WHERE o.campaign = c.key AND ` + unboundSQL + ` ORDER BY o.band, o.seq LIMIT 1) o
		 WHERE ` + takesSQL + `) o
	  LEFT JOIN campaign_turns t ON t.account = p.address AND t.campaign = o.campaign AND o.band = 2
	 ORDER BY o.band, coalesce(t.turn, 0), o.seq LIMIT 1) l`
