package operator

import (
	"testing"

	"github.com/stretchr/testify/require"

	"relance/internal/campaign"
	"relance/internal/failure"
	"relance/internal/message"
	"relance/internal/unsubscribe"
)

func (b *bundle) steps(json string) { b.exec(`UPDATE campaigns SET steps = $1::jsonb`, json) }

const threaded = `[{"id":"intro","kind":"email","subject":"Hi {{ first_name }}","body":"Hello {{ company }}"},
	{"id":"wait-2","kind":"wait","wait":259200000000000,"days":3}, {"id":"again","kind":"email","replyTo":"intro","body":"Still there?"},
	{"id":"tell","kind":"sms","text":"{{ first_name }} is done"}]`

// What is previewed for a claimed message is, byte for byte, what the worker composes.
func TestAPreviewIsTheMessageThatLeaves(t *testing.T) {
	t.Parallel()
	b := setup(t, 1)
	b.steps(threaded)
	b.exec(`UPDATE contacts SET company = 'Contoso'`)
	attempt := campaign.Attempt{EnrollmentID: 1, CampaignKey: "q4", ContactID: 1, StepID: "intro", Visit: 1, Next: campaign.Next{StepID: "wait-2", StepIndex: 1}}
	leaves := func(attempt campaign.Attempt) string {
		facts, err := b.db.Facts(b.ctx, attempt)
		require.NoError(t, err)
		step, _ := facts.Campaign.Step(attempt.StepID)
		email, err := message.WriteEmail(facts, step, unsubscribe.Links{})
		require.NoError(t, err)
		delivery, err := b.db.Claim(b.ctx, attempt, message.NewDraft(facts, email))
		require.NoError(t, err)
		bytes, err := message.Compose(*facts.Account, delivery.Draft, email)
		require.NoError(t, err)
		require.NoError(t, b.db.Gate(b.ctx, delivery))
		require.NoError(t, b.db.MarkSent(b.ctx, attempt, delivery, "250 ok"))
		return string(bytes)
	}
	before, err := b.Preview(b.ctx, "q4", 1, "intro")
	require.NoError(t, err)
	require.False(t, before.Steps[0].Claimed)
	require.Equal(t, "Hi C1", before.Steps[0].Subject)
	require.Equal(t, "Hello Contoso", before.Steps[0].Text)

	first := leaves(attempt)
	attempt.StepID, attempt.StepIndex, attempt.Next = "again", 2, campaign.Next{StepID: "tell", StepIndex: 3}
	second := leaves(attempt)
	preview, err := b.Preview(b.ctx, "q4", 1, "")
	require.NoError(t, err)
	require.Len(t, preview.Steps, 4)
	require.Equal(t, first, preview.Steps[0].Message)
	require.Equal(t, "3d", preview.Steps[1].Wait)
	require.Equal(t, second, preview.Steps[2].Message)
	require.Contains(t, second, "\r\nIn-Reply-To: <")
	require.True(t, preview.Steps[2].Sent)
	require.False(t, preview.Steps[2].Unthreaded)
	require.Equal(t, "C1 is done", preview.Steps[3].Text)
	require.Equal(t, "+32475000001", preview.Steps[3].To)
	require.Equal(t, campaign.Active, preview.Status)
	require.Equal(t, "tell", preview.StepID)
}

func TestAPreviewSaysWhatKeepsItBack(t *testing.T) {
	t.Parallel()
	b := setup(t, 2)
	b.steps(threaded)
	codes := func(id int64, step int) (codes []failure.Code) {
		preview, err := b.Preview(b.ctx, "q4", id, "")
		require.NoError(t, err)
		for _, problem := range preview.Steps[step].Problems {
			codes = append(codes, problem.Code)
		}
		return codes
	}
	preview, err := b.Preview(b.ctx, "q4", 1, "")
	require.NoError(t, err)
	require.Equal(t, []PreviewProblem{{
		Code: failure.MessageCannotBeRendered, Title: failure.MessageCannotBeRendered.Entry().Title, HowToFix: failure.MessageCannotBeRendered.Entry().HowToFix,
		Detail: "the body names {{ company }}, which this contact has no value for", Words: failure.Ours("the body names {{ company }}, which this contact has no value for"), Variable: "company",
	}}, preview.Steps[0].Problems)
	require.Empty(t, preview.Steps[0].Message)
	require.True(t, preview.Steps[2].Unthreaded)

	b.exec(`UPDATE campaigns SET paused = true`)
	b.exec(`UPDATE email_accounts SET status = 'in_error', reason = '535 no'`)
	require.Equal(t, []failure.Code{failure.EmailAccountInError, failure.MessageCannotBeRendered}, codes(1, 0), "the sender's, and what comes after it")
	b.exec(`UPDATE email_accounts SET status = 'connected'`)
	b.exec(`UPDATE contacts SET email = '' WHERE id = 1`)
	require.Equal(t, []failure.Code{failure.ContactHasNoEmail}, codes(1, 2), "a pause keeps it back too, and only says when")
	b.exec(`INSERT INTO bounces (address, reason) VALUES ('c2@contoso.example', '550 no')`)
	require.Equal(t, []failure.Code{failure.EmailAlreadyBounced}, codes(2, 2))
	b.exec(`UPDATE plan SET unlimited = false, credits = 0; DELETE FROM bounces`)
	require.Equal(t, []failure.Code{failure.NoCreditsLeft}, codes(2, 2))
	b.exec(`UPDATE users SET phone = ''`)
	require.Equal(t, []failure.Code{failure.OwnerHasNoPhone}, codes(2, 3))
	b.exec(`DELETE FROM enrollments WHERE id = 2`)
	require.Equal(t, []failure.Code{failure.NoCreditsLeft}, codes(2, 2), "who is not enrolled has no other")

	for _, missing := range []func() (Preview, error){
		func() (Preview, error) { return b.Preview(b.ctx, "nix", 1, "") },
		func() (Preview, error) { return b.Preview(b.ctx, "q4", 77, "") },
		func() (Preview, error) { return b.Preview(b.ctx, "q4", 1, "nix") },
	} {
		_, err := missing()
		require.ErrorIs(t, err, ErrNotFound)
	}
	require.Empty(t, one[string](b, `SELECT coalesce(string_agg(state, ' '), '') FROM deliveries`), "a preview claims nothing")
}
