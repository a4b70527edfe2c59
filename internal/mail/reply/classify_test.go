package reply

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// Each row is a distinction that the rules must not lose; together they are the table's outline.
func TestClassifyTellsApart(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		phase Phase
		line  string
		want  Verdict
	}{
		// The same words mean another thing in another phase.
		{Auth, "535 5.7.8 Username and Password not accepted", AccountError},
		{Auth, "454 4.7.0 Temporary authentication failure", Transient},
		{Auth, "454 4.7.0 Too many login attempts, please try again later", AccountLimit},
		{Auth, "535 Error: authentication failed, system busy", Transient},
		{Mail, "550 5.1.1 User unknown", AccountError},
		{Rcpt, "550 5.1.1 User unknown", HardBounce},
		{Connect, "554 5.7.1 Access denied", PolicyBlock},
		{Connect, "421 Service not available", Transient},
		{StartTLS, "454 4.7.0 TLS not available due to local problem", Transient},
		{StartTLS, "502 5.5.1 command not implemented", AccountError},
		// Words beat codes: a mailbox that never was, with a temporary code; a block that says mailbox.
		{Rcpt, "450 4.1.1 User unknown in virtual alias table", HardBounce},
		{Rcpt, "550 5.2.1 Mailbox unavailable. Your IP address is blacklisted", PolicyBlock},
		{Rcpt, "554 5.7.1 Recipient address rejected: Not in recipient list", HardBounce},
		{Dot, "421 4.7.0 this message is suspicious; to protect our users from spam it has been blocked", PolicyBlock},
		// The sender's allowance, the recipient's allowance, the mailbox's room, the server's room.
		{Dot, "550 5.4.5 Daily user sending limit exceeded", AccountLimit},
		{Rcpt, "450 4.2.1 The recipient has exceeded message rate limit", SoftBounce},
		{Rcpt, "552 5.2.2 user is over quota", SoftBounce},
		{Mail, "452 4.3.1 Insufficient system storage", Transient},
		{Connect, "421 too many sessions from 192.0.2.1", Transient},
		// The sender's domain, the sender's account, the sender's reputation.
		{Dot, "550 5.7.26 Unauthenticated email is not accepted due to domain's DMARC policy", AccountError},
		{Dot, "451 4.7.26 DMARC policy, but temporary DNS failures prevent authentication", Transient},
		{Rcpt, "553 5.7.1 Sender address rejected: not owned by user a@b.example", AccountError},
		{Rcpt, "554 5.7.1 Sender address rejected: Blocked by this recipient", PolicyBlock},
		{Rcpt, "554 5.7.1 <a@b.example>: Relay access denied", AccountError},
		{Dot, "550 From header sender domain not verified", AccountError},
		{Rcpt, "553 host denies relay", AccountError},
		{Rcpt, "550 message sending for this account is disabled", AccountError},
		{Rcpt, "550 The sending IP (192.0.2.1) is listed on our site", PolicyBlock},
		{Mail, "451 4.7.1 Access denied, please try again later", PolicyBlock},
		{Mail, "550 Invalid sender. Your domain has been blacklisted", PolicyBlock},
		// An allowance of the account, not of the mailbox, also when it names a quota.
		{Dot, "552 Message would take you over your relay quota of 500", AccountLimit},
		{Data, "554 5.7.1 Data command rejected: only 10 messages per day", AccountLimit},
		{Rcpt, "450 4.4.1 No route to host", Transient},
		// The message.
		{Mail, "552 5.3.4 Message size exceeds fixed limit", MessageDefect},
		{Dot, "550 message has lines too long for transport", MessageDefect},
		{Dot, "554 5.6.0 Message content rejected - VIRUS", PolicyBlock},
		// No words at all.
		{Rcpt, "550", HardBounce},
		{Rcpt, "450", SoftBounce},
		{Dot, "451", Transient},
		{Dot, "554", PolicyBlock},
		{Dot, "552", MessageDefect},
		{Auth, "535", AccountError},
		// Other languages.
		{Rcpt, "550 Empfänger unbekannt", HardBounce},
		{Rcpt, "550 Adresse d au moins un destinataire invalide", HardBounce},
		{Rcpt, "550 El usuario no existe", HardBounce},
		{Rcpt, "550 用户不存在", HardBounce},
		{Rcpt, "552 Boîte aux lettres pleine", SoftBounce},
		{Rcpt, "550 Почтовый ящик переполнен", SoftBounce},
	} {
		r, err := Parse(c.line)
		require.NoError(t, err)
		r.Phase = c.phase
		j := Classify(r)
		require.Equal(t, c.want, j.Verdict, "%s %s: %s", c.phase, c.line, j.Reason)
	}
}

func TestClassifyFindsTheEnhancedCode(t *testing.T) {
	t.Parallel()
	for _, r := range []Reply{
		{Code: 554, Enhanced: "5.1.1"},
		{Code: 554, Enhanced: "#5.1.1"},
		{Code: 554, Text: "5.1.1"},
		{Code: 554, Text: "no. (#5.1.1)"},
		{Enhanced: "5.1.1"},
	} {
		require.Equal(t, HardBounce, Classify(r).Verdict, "%+v", r)
	}
}

func TestRetryAfter(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		phase Phase
		line  string
		want  time.Duration
	}{
		{Rcpt, "450 4.2.0 Greylisted for 300 seconds", 5 * time.Minute},
		{Rcpt, "451 4.7.1 Greylisting in action, please come back later", 10 * time.Minute},
		{Rcpt, "451 4.7.1 Greylisted for 5 minutes", 5 * time.Minute},
		{Rcpt, "451 Greylisted, please try again in 00:04:30", 4*time.Minute + 30*time.Second},
		{Rcpt, "450 greylisted, retry in 5 seconds", time.Minute},
		{Rcpt, "451 Outgoing message limit exceeded, try again in 2 hours", 2 * time.Hour},
		{Rcpt, "550 Domain example.com has exceeded the max emails per hour (500/500) allowed", time.Hour},
		{Dot, "550 5.4.5 Daily sending quota exceeded", 24 * time.Hour},
		{Dot, "550 sending limit exceeded, try again in 90 days", 48 * time.Hour},
		{Dot, "454 Throttling failure: Maximum sending rate exceeded", time.Hour},
		{Rcpt, "550 5.1.1 User unknown, try again in 5 minutes", 0},
		{Dot, "451 4.3.0 Internal error", 0},
	} {
		r, err := Parse(c.line)
		require.NoError(t, err)
		r.Phase = c.phase
		j := Classify(r)
		require.Equal(t, c.want, j.RetryAfter, "%s: %s", c.line, j.Reason)
	}
}

// A rule without a reason could not be explained; a rule that is met by everything would hide all after it.
func TestEveryRuleStatesItsReason(t *testing.T) {
	t.Parallel()
	for i, r := range table {
		require.NotEmpty(t, r.reason, "rule %d", i)
		for _, p := range []*pattern{r.text, r.unless} {
			if p != nil {
				require.NotPanics(t, func() { p.MatchString("") }, "rule %d: %s", i, r.reason)
				require.False(t, p.MatchString("zz"), "rule %d's pattern is met by any words", i)
			}
		}
		require.Contains(t, verdicts, r.verdict, "rule %d", i)
		require.True(t, r.text != nil || r.enhanced != "" || r.codes != nil || r.class != 0, "rule %d is met by everything", i)
	}
}

func BenchmarkClassify(b *testing.B) {
	rows := readLabelled(b, "smtp-replies.csv")
	for i := 0; b.Loop(); i++ {
		Classify(rows[i%len(rows)].reply)
	}
}
