package operator

import (
	"testing"

	"github.com/stretchr/testify/require"

	"relance/internal/campaign"
	"relance/internal/failure"
)

func (b *bundle) fails(id int64, problem failure.Problem) {
	b.t.Helper()
	b.park(id)
	b.exec(`UPDATE enrollments SET code = $2, detail = $3, cause = $4 WHERE id = $1`, id, problem.Code, problem.Detail, problem.Cause().Thing())
	for _, cause := range problem.Causes {
		b.exec(`INSERT INTO parked_on (cause, seq, enrollment_id, park_id) SELECT $2, park_seq, id, park_id FROM enrollments WHERE id = $1`, id, cause)
	}
}

func TestARepairIsOneRowOverAllCampaigns(t *testing.T) {
	t.Parallel()
	b := setup(t, 6)
	b.exec(`INSERT INTO campaigns SELECT 'q5', 'Q5', owner, sender, paused, steps FROM campaigns`)
	b.exec(`UPDATE enrollments SET campaign = 'q5' WHERE id IN (3, 6)`)
	account := failure.Problem{Code: failure.EmailAccountInError, Detail: "535 no", Causes: []failure.Cause{failure.EmailAccount(mayas), failure.CampaignSender("q4")}}
	for id := range int64(3) {
		b.fails(id+1, account)
	}
	b.fails(4, failure.Problem{Code: failure.ContactHasNoEmail, Causes: []failure.Cause{failure.ContactEmail(4)}})
	b.fails(5, failure.Problem{Code: failure.SendingFailed, Detail: "452 4.2.2 c5@contoso.example is full (id 9)"})
	b.fails(6, failure.Problem{Code: failure.SendingFailed, Detail: "452 4.2.2 c6@contoso.example is full (id 10)"})

	list, err := b.Repairs(b.ctx, RepairMark{}, 2)
	require.NoError(t, err)
	require.Equal(t, 6, list.Contacts)
	require.Equal(t, 3, list.Total)
	require.Len(t, list.Items, 2)
	first := list.Items[0]
	require.Equal(t, 3, first.Count)
	require.Equal(t, failure.EmailAccount(mayas), first.Cause)
	require.Equal(t, mayas, first.Account.Address)
	require.Equal(t, []string{"q4", "q5"}, []string{first.Campaigns[0].Key, first.Campaigns[1].Key}, "the largest part first")
	require.Len(t, list.Items[1].Alike, 1, "the words are alike but for numbers and addresses")
	require.Equal(t, 2, list.Items[1].Alike[0].Count)

	rest, err := b.Repairs(b.ctx, *list.Next, 2)
	require.NoError(t, err)
	require.Len(t, rest.Items, 1)
	require.Nil(t, rest.Next)
	require.Equal(t, int64(4), rest.Items[0].First[0].ContactID)

	var seen []int64
	for mark := (Mark{}); ; {
		page, err := b.RepairContacts(b.ctx, failure.EmailAccountInError, failure.EmailAccount(mayas), mark, 1)
		require.NoError(t, err)
		require.Equal(t, 3, page.Total)
		for _, item := range page.Items {
			seen = append(seen, item.ContactID)
		}
		if page.Next == nil {
			break
		}
		mark = *page.Next
	}
	require.Equal(t, []int64{1, 2, 3}, seen, "in the order of their parks, over both campaigns")

	alike := list.Items[1].Alike[0]
	done, err := b.ResumeAlike(b.ctx, list.Items[1].Cause, alike.Key, alike.Seen, Resume{}, How{})
	require.NoError(t, err)
	require.Equal(t, map[string]int{"q4": 1, "q5": 1}, done.ByCampaign)
	gone, err := b.Repair(b.ctx, failure.NoCreditsLeft, failure.Plan)
	require.NoError(t, err)
	require.Zero(t, gone.Count)
	_, err = b.Repair(b.ctx, "Nonsense", failure.Plan)
	require.ErrorIs(t, err, ErrNotFound)
}

func TestWhatWasSeenBeforeAFixIsStale(t *testing.T) {
	t.Parallel()
	b := setup(t, 2)
	b.fails(1, failure.Problem{Code: failure.OwnerHasNoPhone, Causes: []failure.Cause{failure.OwnerPhone("maya")}})
	list, err := b.Repairs(b.ctx, RepairMark{}, 10)
	require.NoError(t, err)
	seen := list.Items[0].Seen
	_, err = b.As("lea").Seeing(seen).SetUser(b.ctx, "maya", UserEdit{Phone: ptr("+32475000002")})
	require.NoError(t, err)
	_, err = b.As("tom").Seeing(seen).SetUser(b.ctx, "maya", UserEdit{Phone: ptr("+32475000003")})
	var stale *Stale
	require.ErrorAs(t, err, &stale)
	require.Equal(t, "lea", stale.By)
	require.ErrorIs(t, err, ErrRefused)
	require.Equal(t, "+32475000002", one[string](b, `SELECT phone FROM users`))
	_, err = b.As("tom").SetUser(b.ctx, "maya", UserEdit{Phone: ptr("+32475000003")})
	require.NoError(t, err, "a command decides on what is now")

	accounts, err := b.Senders(b.ctx)
	require.NoError(t, err)
	version := accounts[0].Version
	_, err = b.As("lea").Seeing(0).ReconnectAccount(b.ctx, mayas, AccountSettings{Version: version, Host: ptr("mail.northwind.example"), Password: ptr(campaign.Secret("new"))})
	require.NoError(t, err)
	logins := len(b.logins)
	_, err = b.As("tom").Seeing(0).ReconnectAccount(b.ctx, mayas, AccountSettings{Version: version, Password: ptr(campaign.Secret("other"))})
	require.ErrorAs(t, err, &stale)
	require.Len(t, b.logins, logins, "nothing is sent to a server for a stale page")
}
