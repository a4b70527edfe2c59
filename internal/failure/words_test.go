package failure_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"relance/internal/failure"
)

func TestWhoSaysWhatIsApart(t *testing.T) {
	t.Parallel()
	both := failure.Words{Said: "535 5.7.8 no", Meaning: "the login was refused"}
	for _, one := range []struct {
		words               *failure.Words
		text, reason, quote string
	}{
		{nil, "", "Sending failed for a technical reason: 535 5.7.8 no – the login was refused.", ""},
		{&both, "535 5.7.8 no – the login was refused", "Sending failed for a technical reason: the login was refused.", "535 5.7.8 no"},
		{&failure.Words{Said: "535 5.7.8 no"}, "535 5.7.8 no", "Sending failed for a technical reason.", "535 5.7.8 no"},
		{failure.Ours("no worker"), "no worker", "Sending failed for a technical reason: no worker.", ""},
	} {
		if one.words != nil {
			require.Equal(t, one.text, one.words.Text())
		}
		reason, said := failure.Problem{Code: failure.SendingFailed, Detail: both.Text(), Words: one.words}.Apart()
		require.Equal(t, one.reason, reason)
		require.Equal(t, one.quote, said)
	}
	require.Equal(t, &failure.Words{Said: "535 5.7.8 no", Meaning: "maya@northwind.example: the login was refused"}, both.About("maya@northwind.example"))
	require.Equal(t, &failure.Words{Said: "535 no", Meaning: "maya@northwind.example"}, (&failure.Words{Said: "535 no"}).About("maya@northwind.example"))
	require.Nil(t, (*failure.Words)(nil).About("maya@northwind.example"))
	require.Equal(t, "the login was refused", both.Meaning, "About changes a copy")
}
