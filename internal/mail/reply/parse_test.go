package reply

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestParse(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		line string
		want Reply
	}{
		"one line":                    {"550 5.1.1 user unknown", Reply{Code: 550, Enhanced: "5.1.1", Text: "5.1.1 user unknown"}},
		"no enhanced code":            {"421 Service not available", Reply{Code: 421, Text: "Service not available"}},
		"several lines":               {"550-5.1.1 no such\r\n550 5.1.1 user", Reply{Code: 550, Enhanced: "5.1.1", Text: "5.1.1 no such\n5.1.1 user"}},
		"written line ends":           {`550-5.1.1 no such\n550 5.1.1 user`, Reply{Code: 550, Enhanced: "5.1.1", Text: "5.1.1 no such\n5.1.1 user"}},
		"a later line has no code":    {`552 5.2.2 The mailbox\n5.2.2 is full`, Reply{Code: 552, Enhanced: "5.2.2", Text: "5.2.2 The mailbox\n5.2.2 is full"}},
		"qmail's mark at the end":     {"554 Sorry, no mailbox here by that name. (#5.1.1)", Reply{Code: 554, Enhanced: "5.1.1", Text: "Sorry, no mailbox here by that name. (#5.1.1)"}},
		"IronPort's mark in front":    {"550 #5.7.1 Relaying denied", Reply{Code: 550, Enhanced: "5.7.1", Text: "#5.7.1 Relaying denied"}},
		"a code inside":               {"450 cuda_nsu 4.7.1 <a@b.example>: rejected", Reply{Code: 450, Enhanced: "4.7.1", Text: "cuda_nsu 4.7.1 <a@b.example>: rejected"}},
		"a version is no code":        {"554 Exim 4.9.2 says no", Reply{Code: 554, Text: "Exim 4.9.2 says no"}},
		"an address is no code":       {"550 5.1.1.7 is blocked", Reply{Code: 550, Text: "5.1.1.7 is blocked"}},
		"nothing but a code":          {"  535  ", Reply{Code: 535}},
		"three digits in the details": {"550 5.7.139 no", Reply{Code: 550, Enhanced: "5.7.139", Text: "5.7.139 no"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := Parse(c.line)
			require.NoError(t, err)
			require.Equal(t, c.want, got)
		})
	}
}

func TestParseSaysWhatItExpected(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]string{
		"":                     "no reply was given",
		" \r\n\\n ":            "no reply was given",
		"user unknown":         "does not begin with a three-digit code",
		"5.1.1 user unknown":   "does not begin with a three-digit code",
		"5501 too many digits": "does not begin with a three-digit code",
		"999 what":             "999 is not an SMTP reply code",
	} {
		_, err := Parse(line)
		require.ErrorContains(t, err, want, "%q", line)
	}
}

func FuzzParseAndClassify(f *testing.F) {
	f.Add("rcpt", 550, "5.1.1", "550-5.1.1 no such\n550 5.1.1 user")
	f.Add("", 0, "", "")
	f.Add("auth", 535, "#5.7.8", `535 5.7.8 nein\n5.7.8 Schlüssel ungültig`)
	f.Add("connect", -7, "9.", "450 \xff\xfe try again in 99999999999 hours, after 99:99:99")
	for i, l := range readLabelled(f, "smtp-replies.csv") {
		if i%10 != 0 { // every tenth is seed enough: seeds run in every test run too
			continue
		}
		f.Add(string(l.reply.Phase), l.reply.Code, l.reply.Enhanced, l.reply.Text)
	}
	f.Fuzz(func(t *testing.T, phase string, code int, enhanced, text string) {
		if r, err := Parse(text); err != nil {
			require.NotEmpty(t, err.Error())
		} else {
			require.True(t, r.Code >= 200 && r.Code <= 599, "code %d", r.Code)
			require.Empty(t, r.Phase)
			sound(t, Classify(r))
		}
		sound(t, Classify(Reply{Phase: Phase(phase), Code: code, Enhanced: enhanced, Text: text}))
	})
}

// sound checks what every judgement has to be, whatever the server said.
func sound(t *testing.T, j Judgement) {
	t.Helper()
	require.Contains(t, verdicts, j.Verdict)
	require.NotEmpty(t, j.Reason)
	require.GreaterOrEqual(t, j.RetryAfter, time.Duration(0))
	require.LessOrEqual(t, j.RetryAfter, accountMost)
	if j.Verdict == AccountLimit {
		require.GreaterOrEqual(t, j.RetryAfter, accountLeast, "an account has to rest for some time")
	}
}

// What came over the wire is taken as it came: nothing of it is read as if a person had
// written it down.
func TestNewTakesTheWordsAsTheyAre(t *testing.T) {
	t.Parallel()
	for words, want := range map[string]Reply{
		"5.1.1 user unknown":                {Phase: Rcpt, Code: 550, Enhanced: "5.1.1", Text: "5.1.1 user unknown"},
		"5.1.1 no such \r\n\n 5.1.1 user":   {Phase: Rcpt, Code: 550, Enhanced: "5.1.1", Text: "5.1.1 no such\n5.1.1 user"},
		`C:\new\names is not a mailbox`:     {Phase: Rcpt, Code: 550, Text: `C:\new\names is not a mailbox`},
		"550 5.7.1 said the next server":    {Phase: Rcpt, Code: 550, Enhanced: "5.7.1", Text: "550 5.7.1 said the next server"},
		"no mailbox (#5.1.1)\n550 is final": {Phase: Rcpt, Code: 550, Enhanced: "5.1.1", Text: "no mailbox (#5.1.1)\n550 is final"},
		"":                                  {Phase: Rcpt, Code: 550},
	} {
		got := New(Rcpt, 550, words)
		require.Equal(t, want, got)
	}
	require.Equal(t, "550", New(Rcpt, 550, "").Line())
	require.Equal(t, "550 5.1.1 no such 5.1.1 user", New(Rcpt, 550, "5.1.1 no such\n5.1.1 user").Line())
}
