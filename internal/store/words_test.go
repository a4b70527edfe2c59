package store

import (
	"testing"

	"github.com/stretchr/testify/require"

	"relance/internal/campaign"
	"relance/internal/failure"
)

// wordsOf are those of the only contact in error.
func (b *ledgerBundle) wordsOf(id int64) *failure.Words {
	b.t.Helper()
	rows, err := b.Errors(b.ctx, ErrorFilter{Contact: id}, 0, 10)
	require.NoError(b.t, err)
	require.Len(b.t, rows, 1)
	return rows[0].Problem.Words
}

// What a server said and what we say stay apart on the way through the tables, and where
// the release before has written a reason, nobody knows.
func TestWordsStayApart(t *testing.T) {
	t.Parallel()
	b := setupLedger(t, 5)
	words := &failure.Words{Said: "554 5.7.1 no\x00", Meaning: "the server takes it for spam"}
	kept := &failure.Words{Said: "554 5.7.1 no", Meaning: "the server takes it for spam"}
	b.park(1, failure.Problem{Code: failure.SendingFailed, Detail: words.Text(), Words: words})
	require.Equal(t, kept, b.wordsOf(1))
	again, err := b.Hold(b.ctx, b.attempt(1), found(failure.Problem{Code: failure.SendingFailed}))
	require.NoError(t, err)
	require.Equal(t, kept, again.Parked.Problem.Words, "of the park that is open")
	members, err := b.Members(b.ctx, MemberFilter{Campaign: "q4", Status: campaign.InError}, MemberMark{}, 5)
	require.NoError(t, err)
	require.Equal(t, kept, members[0].Words)
	records, err := b.Records(b.ctx, "q4", 0, 1)
	require.NoError(t, err)
	require.Equal(t, kept, records[0].Park.Problem.Words)
	b.exec(`UPDATE enrollments SET detail = '451 later' WHERE id = 1`) // by the release before
	require.Nil(t, b.wordsOf(1))
	b.park(2, failure.Problem{Code: failure.SendingFailed, Detail: "554 no"})
	require.Nil(t, b.wordsOf(2))

	delivery := b.claim(b.attempt(3))
	login := failure.Words{Said: "535 5.7.8 no", Meaning: "the login was refused"}
	held, err := b.Fail(b.ctx, b.attempt(3), delivery, campaign.Refusal{Reply: login.Said, AccountError: login.Text(), Words: &login}, emailCheck)
	require.NoError(t, err)
	require.Equal(t, login.About(maya), held.Parked.Problem.Words)
	require.Equal(t, login.About(maya), b.wordsOf(3))
	account, err := b.EmailAccount(b.ctx, maya)
	require.NoError(t, err)
	require.Equal(t, &login, account.Words)
	b.exec(`UPDATE email_accounts SET reason = '421 away'`) // by the release before
	account, err = b.EmailAccount(b.ctx, maya)
	require.NoError(t, err)
	require.Nil(t, account.Words)
	require.NoError(t, b.AccountFailed(b.ctx, maya, account.Epoch, failure.Words{Meaning: "it cannot be reached"}, "test"))
	account, err = b.EmailAccount(b.ctx, maya)
	require.NoError(t, err)
	require.Equal(t, failure.Ours("it cannot be reached"), account.Words)
	_, err = b.ConnectAccount(b.ctx, account, "test")
	require.NoError(t, err)
	account, err = b.EmailAccount(b.ctx, maya)
	require.NoError(t, err)
	require.Nil(t, account.Words)

	bounce := failure.Words{Said: "550 5.1.1 no", Meaning: "the server says that this mailbox does not exist"}
	held, err = b.Fail(b.ctx, b.attempt(4), b.claimIntro(4), campaign.Refusal{Reply: bounce.Said, Final: true, Bounced: bounce.Text(), Words: &bounce}, emailCheck)
	require.NoError(t, err)
	require.Equal(t, &bounce, held.Parked.Problem.Words)
	require.Equal(t, &bounce, b.wordsOf(4))
}
