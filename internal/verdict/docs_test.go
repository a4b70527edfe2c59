package verdict_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"relance/internal/failure"
	"relance/internal/lab/docstable"
	"relance/internal/verdict"
)

// The docs say what the code does: one table.
func TestDocsHaveTheTableOfVerdicts(t *testing.T) {
	var table strings.Builder
	table.WriteString("| verdict | after an email | after a text message |\n|---|---|---|\n")
	for _, v := range verdict.All() {
		email, sms := verdict.OfEmail(v).String(), verdict.OfSMS(v).String()
		switch v { // what one of the two never has
		case verdict.BadNumber:
			email = "–"
		case verdict.HardBounce, verdict.SoftBounce, verdict.AccountLimit:
			sms = "–"
		case verdict.AccountError, verdict.Transient, verdict.PolicyBlock, verdict.MessageDefect:
		}
		fmt.Fprintf(&table, "| `%s` | %s | %s |\n", v, email, sms)
	}
	docstable.Check(t, "docs/how-it-works.md", "verdicts", table.String())
}

// Law 6: what a person has to repair is never tried again by the machine, and what is
// tried again is never called a fault of the account or the address. Law 7: a limit
// puts nobody in error.
func TestConsequencesKeepTheLaws(t *testing.T) {
	t.Parallel()
	for _, v := range verdict.All() {
		for channel, c := range map[string]verdict.Consequence{"email": verdict.OfEmail(v), "sms": verdict.OfSMS(v)} {
			if c.Retried {
				require.Equal(t, verdict.Consequence{Retried: true, Code: failure.SendingFailed}, c, "%s %s", v, channel)
			}
			if c.Code == "" {
				require.True(t, c.AccountRests, "%s %s: nobody is in error and nothing waits", v, channel)
			} else {
				require.Equal(t, c.Code, c.Code.Entry().Code, "%s %s", v, channel)
			}
		}
	}
	require.True(t, verdict.OfEmail("of another version").Retried)
	require.Empty(t, verdict.OfEmail(verdict.AccountLimit).Code)
}
