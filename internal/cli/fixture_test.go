package cli

import (
	"time"

	"github.com/stretchr/testify/require"

	"relance/internal/campaign"
	"relance/internal/failure"
)

// workspace fills the database with a campaign, `q4`, of three steps, whose
// owner and sender are fine, and contacts 1 to n: Ana One, Ben Two, …
func (h *harness) workspace(n int) {
	h.t.Helper()
	h.exec(`INSERT INTO users (key, name, phone) VALUES ('maya', 'Maya Claes', '+32475000001')`)
	h.exec(`INSERT INTO email_accounts (address, name, host, port, tls) VALUES ('maya@northwind.example', 'Maya', '127.0.0.1', 25, 'none')`)
	h.exec(`INSERT INTO campaigns (key, name, owner, sender, steps) VALUES ('q4', 'Q4 outreach', 'maya', 'maya@northwind.example',
		'[{"id":"intro","kind":"email","subject":"Hi","body":"Hello"},{"id":"wait-2","kind":"wait","wait":259200000000000,"days":3},{"id":"tell","kind":"sms","text":"done"}]')`)
	names := []string{"Ana One", "Ben Two", "Cleo Three", "Dan Four", "Eva Five", "Finn Six", "Gus Seven", "Hal Eight", "Ida Nine", "Jo Ten"}
	for i := range n {
		h.exec(`INSERT INTO contacts (first_name, last_name, company, email)
			VALUES (split_part($1, ' ', 1), split_part($1, ' ', 2), 'Contoso', lower(split_part($1, ' ', 1)) || '@contoso.example')`, names[i])
	}
}

// enrolled is a workspace whose n contacts are enrolled and started; the ids
// of contacts and enrollments are the same.
func (h *harness) enrolled(n int) {
	h.t.Helper()
	h.workspace(n)
	_, err := h.Enroll(h.ctx, "q4", nil, "tess", false)
	require.NoError(h.t, err)
	h.exec(`UPDATE enrollments SET started_at = now()`)
	h.exec(`UPDATE outbox SET done_at = now()`)
}

func attempt(id int64) campaign.Attempt {
	return campaign.Attempt{
		EnrollmentID: id, CampaignKey: "q4", ContactID: id, StepID: "intro", Visit: 1,
		Next: campaign.Next{StepID: "wait-2", StepIndex: 1, Wait: 72 * time.Hour},
	}
}

// park puts an enrollment in error with this problem.
func (h *harness) park(id int64, problem failure.Problem) failure.Parked {
	h.t.Helper()
	held, err := h.Hold(h.ctx, attempt(id), func(campaign.Facts) campaign.Finding { return campaign.Finding{Problem: &problem} })
	require.NoError(h.t, err)
	return *held.Parked
}

// parkAgain is a resume after which the problem is still there.
func (h *harness) parkAgain(id int64, resumedPark int, problem failure.Problem) {
	h.t.Helper()
	again := attempt(id)
	again.ResumedPark, again.Resume = resumedPark, &campaign.Resume{By: "tess"}
	_, err := h.Hold(h.ctx, again, func(campaign.Facts) campaign.Finding { return campaign.Finding{Problem: &problem} })
	require.NoError(h.t, err)
}

// resumed is the attempt that follows when the open park, if any, was resumed.
func (h *harness) resumed(id int64) campaign.Attempt {
	h.t.Helper()
	one := attempt(id)
	one.Resume = &campaign.Resume{By: "tess", Note: "try again"}
	require.NoError(h.t, h.pool.QueryRow(h.ctx, `SELECT park_id FROM enrollments WHERE id = $1`, id).Scan(&one.ResumedPark))
	return one
}

// send does the first step of an enrollment, as a resume of its park when there is one.
func (h *harness) send(id int64) {
	h.t.Helper()
	one := h.resumed(id)
	delivery, err := h.Claim(h.ctx, one, campaign.Draft{
		Kind: campaign.Email, Account: "maya@northwind.example", AccountEpoch: 1, Recipient: "c@contoso.example", Subject: "Hi",
		MessageID: "m@northwind.example", Date: time.Now(), Boundary: "b",
	})
	require.NoError(h.t, err)
	require.NoError(h.t, h.Gate(h.ctx, delivery))
	require.NoError(h.t, h.MarkSent(h.ctx, one, delivery, "250 ok"))
}

var (
	noEmail = func(id int64) failure.Problem {
		return failure.Problem{Code: failure.ContactHasNoEmail, Causes: []failure.Cause{failure.ContactEmail(id)}}
	}
	accountIn = failure.Problem{
		Code: failure.EmailAccountInError, Detail: "maya@northwind.example: 535 5.7.8 Username and password not accepted. Learn more at https://support.example/mail/?p=BadCredentials",
		Causes: []failure.Cause{failure.EmailAccount("maya@northwind.example"), failure.CampaignSender("q4")},
	}
	uncertain = failure.Problem{Code: failure.DeliveryUncertain, Detail: "the connection was closed after the final dot"}
	sending   = failure.Problem{Code: failure.SendingFailed, Detail: "451 4.7.1 Greylisted, please try again later"}
)
