package operator

import (
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"relance/internal/campaign"
	"relance/internal/failure"
)

// outcomes is what became of each contact.
func outcomes(of []Outcome) map[int64]string {
	became := map[int64]string{}
	for _, one := range of {
		became[one.ContactID] = one.Outcome
	}
	return became
}

func TestAFixIsFollowed(t *testing.T) {
	t.Parallel()
	b := setup(t, 4)
	b.park(1, failure.EmailAccount(mayas))
	b.park(2, failure.EmailAccount(mayas))
	b.park(3, failure.EmailAccount(mayas))
	b.park(4, failure.ContactEmail(4))
	b.temporal.onWake = func() {
		b.goOn(1)
		b.parkAgain(2)
	}
	var shown []int
	done, err := b.Listing().ReconnectAccount(b.ctx, mayas, AccountSettings{})
	require.NoError(t, err)
	require.NoError(t, done.Delayed)
	require.Equal(t, 3, done.Waiting)
	require.Equal(t, 3, done.Concerned.Len(), "the fourth waits for another thing")
	became, err := b.Follow(b.ctx, done.Concerned, func(done, total int) { shown = append(shown, done, total) })
	require.NoError(t, err)
	require.Equal(t, map[int64]string{1: WentOn, 2: InErrorAgain, 3: NotTakenUp}, outcomes(became))
	require.Equal(t, []int{3, 3}, shown[len(shown)-2:])

	plain, err := b.ReconnectAccount(b.ctx, mayas, AccountSettings{})
	require.NoError(t, err)
	require.Zero(t, plain.Concerned.Len(), "nobody has asked for a list")
}

func TestAnUnpauseIsFollowed(t *testing.T) {
	t.Parallel()
	b := setup(t, 2)
	_, err := b.Pause(b.ctx, "q4", false)
	require.NoError(t, err)
	b.park(1, failure.CampaignActive("q4"))
	b.park(2, failure.CampaignActive("q4"))
	b.temporal.onWake = func() { b.goOn(1) }
	done, err := b.Listing().Unpause(b.ctx, "q4", How{})
	require.NoError(t, err)
	became, err := b.Follow(b.ctx, done.Concerned, nil)
	require.NoError(t, err)
	require.Equal(t, map[int64]string{1: WentOn, 2: NotTakenUp}, outcomes(became))
}

func TestADisenrollmentIsFollowed(t *testing.T) {
	t.Parallel()
	b := setup(t, 3)
	b.temporal.onWake = func() {
		_, err := b.db.Disenroll(b.ctx, 1, 0, "", "")
		require.NoError(t, err)
		b.goOn(2)
	}
	done, err := b.Listing().Disenroll(b.ctx, Selection{Contacts: []int64{1, 2}}, "left", How{})
	require.NoError(t, err)
	require.Equal(t, 2, done.Requested)
	became, err := b.Follow(b.ctx, done.Concerned, nil)
	require.NoError(t, err)
	require.Equal(t, map[int64]string{1: WentOn, 2: NotTakenUp}, outcomes(became), "a contact that only goes on has not left")
}

func TestAnApplyAndAnImportAreFollowed(t *testing.T) {
	t.Parallel()
	b := setup(t, 2)
	b.park(1, failure.CampaignSteps("q4"))
	b.park(2, failure.ContactFields(2))
	done, err := b.Listing().Apply(b.ctx, "workspace.yaml", []byte(`campaigns:
  - key: q4
    name: Q4
    owner: maya
    sender: maya@northwind.example
    steps:
      - id: intro
        email: {subject: "Hi", body: "Other"}
      - wait: 3d
      - id: more
        email: {subject: "More", body: "More"}
`), false)
	require.NoError(t, err)
	require.Equal(t, 1, done.Concerned.Len())
	imported, err := b.Listing().ImportContacts(b.ctx, strings.NewReader("Email,City\nc2@contoso.example,Ghent\n"), ImportOptions{})
	require.NoError(t, err)
	require.Equal(t, 1, imported.Updated)
	require.Equal(t, 1, imported.Resuming)
	b.goOn(2)
	became, err := b.Follow(b.ctx, imported.Concerned, nil)
	require.NoError(t, err)
	require.Equal(t, map[int64]string{2: WentOn}, outcomes(became))
}

func TestWithoutTemporalTheChangeIsSaved(t *testing.T) {
	t.Parallel()
	b := setup(t, 2)
	_, err := b.SetContact(b.ctx, 2, ContactEdit{Company: ptr("Contoso")})
	require.NoError(t, err)
	require.Zero(t, b.temporal.dials, "what concerns nobody in Temporal does not dial it")
	b.park(1, failure.EmailAccount(mayas))
	b.temporal.down = errors.New("Temporal is away")
	done, err := b.As("console").ReconnectAccount(b.ctx, mayas, AccountSettings{})
	require.NoError(t, err)
	require.ErrorContains(t, done.Delayed, "Temporal is away")
	require.Equal(t, "console", one[string](b, `SELECT by FROM outbox WHERE kind = 'fix' AND done_at IS NULL`))

	asked, err := b.Resume(b.ctx, Selection{Contacts: []int64{1}}, Resume{Note: "again"}, How{})
	require.NoError(t, err)
	require.ErrorContains(t, asked.Delayed, "Temporal is away")
	require.Equal(t, 1, asked.Requested)

	b.temporal.down = nil
	done, err = b.ReconnectAccount(b.ctx, mayas, AccountSettings{})
	require.NoError(t, err)
	require.NoError(t, done.Delayed, "it is dialled again when it is back")
	require.Equal(t, 1, b.temporal.woken)
}

func TestResumeIsRefusedByField(t *testing.T) {
	t.Parallel()
	b := setup(t, 0)
	for _, say := range []struct {
		selected Selection
		say      Resume
	}{
		{Selection{}, Resume{Assume: "maybe"}},
		{Selection{Code: failure.SendingFailed}, Resume{Assume: campaign.AssumeSent}},
	} {
		var wrong *Invalid
		_, err := b.Resume(b.ctx, say.selected, say.say, How{})
		require.ErrorAs(t, err, &wrong)
		require.Equal(t, "assume", wrong.Field)
	}
	var missing *NotFound
	_, err := b.Resume(b.ctx, Selection{Campaign: "q5"}, Resume{}, How{})
	require.ErrorAs(t, err, &missing)
	require.Equal(t, []string{"q4"}, missing.Existing)
}
