package cli

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// What is wrong with a call is said in a sentence of ours, before any server is asked.
func TestAWrongCallIsASentence(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ args, says string }{
		{"credits add -5", "-5 is a negative number, and starter credits add takes none; the call is starter credits add N"},
		{"credits add -0.5", "-0.5 is a negative number"},
		{"credits add -- -5", `"-5" is not a number of credits; expected 1 or more`},
		{"plan set credits -3", "-3 is a negative number, and starter plan set takes none"},
		{"plan set credits -- -3", `"-3" is not a number of credits; expected 0 or more`},
		{"resume -1", "-1 is a negative number, and starter resume takes none; the call is starter resume (CONTACT… | --all)"},
		{"resume -- -1", `"-1" is neither the id of a contact`},
		{"background -4", "-4 is a negative number"},
		{"-5", "-5 is a negative number"},
		{"errors --limit -1", `--limit is "-1"; expected a number, 0 or more`},
		{"errors --limit many", `--limit is "many"; expected a number, 0 or more`},
		{"contacts list --limit -3", `--limit is "-3"; expected a number, 0 or more`},
		{"reconcile --limit 9999999999999999999", `--limit is "9999999999999999999"; expected a number, 0 or more`},
		{"resume 1 --rate -1", `--rate: "-1" is not a rate; expected contacts a second`},
		{"campaign unpause q4 --rate 0", `--rate: "0" is not a rate`},
		{"email-account add a@b.example --port x", `--port is "x"; expected a whole number`},
		{"email-account add a@b.example --password-stdin --password-env X", "give --password-stdin or --password-env, not both"},
		{"background 1 --rate 3 --stop", "give --rate or --stop, not both"},
		{"resume --all=maybe", `--all is "maybe"; expected true or false`},
		{"resume 1 --rate", "--rate has no value; expected --rate 10"},
		{"resume 1 -o", "--output has no value; expected --output"},
		{"enroll x y", `"y" is one argument too many; the call is starter enroll CAMPAIGN`},
		{"plan set credits 3 4", `"4" is one argument too many`},
		{"campaign list x y", `"x" is one argument too many; the call is starter campaign list`},
		{"timeline", "an argument is missing; the call is starter timeline CONTACT"},
		{"errors --limt 3", "starter errors has no flag --limt; did you mean --limit?"},
		{"resume -rate 3", "starter resume has no flag -rate; did you mean --rate?"},
		{"resume -x", "starter resume has no flag -x"},
	} {
		got := bare(nil, strings.Fields(test.args)...)
		require.Equal(t, exitUsage, got.code, test.args)
		require.Contains(t, got.err, "starter: "+test.says, test.args)
		require.Contains(t, got.err, "\ntry: starter", test.args)
		require.Empty(t, got.stdout, test.args)
	}
}

func TestVersionIsAlsoAFlag(t *testing.T) {
	t.Parallel()
	flag, command := bare(nil, "--version"), bare(nil, "version")
	require.Equal(t, exitDone, flag.code, flag.err)
	require.Equal(t, command.stdout, flag.stdout)
	require.Regexp(t, `^relance \S+.* \(go1\.\d+`, flag.stdout)
}
