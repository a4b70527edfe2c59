package console

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/net/html"

	"relance/internal/failure"
)

// quotes are the quotations of a page, in their order.
func (p page) quotes() (said []string) {
	walk(p.tree, func(n *html.Node) {
		if n.Data == "q" {
			said = append(said, (page{t: p.t, tree: n}).text())
		}
	})
	return said
}

// What a page quotes is what a server said; what we say stands beside it.
func TestOnlyAServersWordsAreQuoted(t *testing.T) {
	t.Parallel()
	b := setup(t, 6, "Claes")
	account, err := b.db.EmailAccount(t.Context(), mayas)
	require.NoError(t, err)
	login := failure.Words{Said: "535 5.7.8 no", Meaning: "the server refuses the login"}
	require.NoError(t, b.db.AccountFailed(t.Context(), mayas, account.Epoch, login, "test"))
	problem := func(code failure.Code, detail string, words *failure.Words, causes ...failure.Cause) failure.Problem {
		return failure.Problem{Code: code, Detail: detail, Words: words, Causes: causes}
	}
	spam := &failure.Words{Said: "554 5.7.1 spam", Meaning: "the server takes it for spam"}
	b.park(1, problem(failure.EmailAccountInError, mayas+": "+login.Text(), login.About(mayas), failure.EmailAccount(mayas)))
	b.park(2, problem(failure.SendingFailed, spam.Text(), spam))
	b.park(3, problem(failure.SendingFailed, spam.Text(), nil)) // by the release before
	b.park(4, problem(failure.SendingFailed, "the worker stopped", failure.Ours("the worker stopped")))
	b.park(5, problem(failure.SendingFailed, "451 4.3.0 as before", nil))

	first := b.get("/")
	first.says(http.StatusOK, "The server said: 535 5.7.8 no (the server refuses the login)", "the server takes it for spam 554 5.7.1 spam (2 contacts)", "the worker stopped (1 contact)", "451 4.3.0 as before (1 contact)")
	require.ElementsMatch(t, []string{"535 5.7.8 no", "554 5.7.1 spam", "451 4.3.0 as before"}, first.quotes())
	cause := b.get("/cause/SendingFailed/operator")
	cause.says(http.StatusOK, "the server takes it for spam 554 5.7.1 spam", "the worker stopped")
	require.ElementsMatch(t, []string{
		"554 5.7.1 spam", "451 4.3.0 as before", // of the card
		"554 5.7.1 spam", "554 5.7.1 spam – the server takes it for spam", "451 4.3.0 as before",
	}, cause.quotes(), "the release before has not kept them apart")
	require.Equal(t, []string{"535 5.7.8 no", "535 5.7.8 no"}, b.get("/cause/EmailAccountInError/email_account:"+mayas).quotes())
	require.Equal(t, []string{"535 5.7.8 no"}, b.get("/accounts").quotes())
	require.ElementsMatch(t, []string{"535 5.7.8 no", "554 5.7.1 spam", "554 5.7.1 spam – the server takes it for spam", "451 4.3.0 as before"}, b.get("/campaigns/q4/contacts?state=InError").quotes())
	require.NoError(t, b.db.AccountFailed(t.Context(), mayas, account.Epoch, *failure.Ours("the server cannot be reached"), "test"))
	again := b.get("/accounts")
	again.says(http.StatusOK, "in error . It did not log in: the server cannot be reached.")
	require.Empty(t, again.quotes())
}
