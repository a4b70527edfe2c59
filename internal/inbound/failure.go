package inbound

import (
	"strconv"
	"strings"

	"relance/internal/inbound/pattern"
	"relance/internal/mail/reply"
	"relance/internal/verdict"
)

// failure is what is known of a delivery that was given up, made ready to be judged.
type failure struct {
	reply    reply.Reply // the last server's reply, as far as the report gives it
	coded    bool        // it has a basic code, so these are a server's words
	status   string      // the enhanced code: the server's own, else the report's
	words    string      // folded: the server's reply or, when there is none, the notice
	notice   string      // folded: what the notice for people says about this recipient
	phase    reply.Phase // where in the dialogue; empty when nobody says
	reported bool        // in a delivery-status part, or in a mail that announces one
}

// judged gives a recipient whose delivery was given up its class. The notice is what the
// report says of it to people.
func judged(r Recipient, notice string, reported bool) Recipient {
	f := failureOf(r, notice)
	f.reported = reported
	if r.Status == "" {
		r.Status = f.status
	}
	r.Class, r.Reason = f.class()
	return r
}

func (f failure) class() (Class, string) {
	for i := range failureRules {
		if failureRules[i].met(f) {
			return failureRules[i].class, failureRules[i].reason
		}
	}
	class, reason := byReply(f)
	if class == ClassHard {
		for _, d := range doubts {
			if d.met(f) {
				return d.class, d.reason
			}
		}
	}
	return class, reason
}

// byReply asks the classifier of SMTP replies (internal/mail/reply), which knows the words
// of mail servers at the moment of sending.
func byReply(f failure) (Class, string) {
	if !f.coded && f.status == "" {
		return ClassSoft, "the report does not say why"
	}
	j := reply.Classify(f.reply)
	switch j.Verdict {
	case verdict.HardBounce:
		return ClassHard, j.Reason
	case verdict.PolicyBlock, verdict.AccountError, verdict.MessageDefect:
		return ClassPolicy, j.Reason
	case verdict.SoftBounce, verdict.Transient, verdict.AccountLimit, verdict.BadNumber:
	}
	return ClassSoft, j.Reason
}

var (
	smtpCode   = pattern.New(`(?:^|[^\d.\-\[/+:]|[^\d]:)([45][0-5]\d)(?:[ \-:,]|$)`)
	statusZero = pattern.New(`^[45]\.0\.0$`)
	repeated   = pattern.New(`(?m)(^|[\n ])[45][0-5]\d[- ]`)
)

// failureOf finds the last server's reply in the diagnostic or, when that has none, in the
// notice.
func failureOf(r Recipient, notice string) failure {
	f := failure{status: r.Status, notice: foldWords(notice)}
	said := r.Diagnostic
	at := smtpCode.FindStringSubmatchIndex(said)
	if at == nil && len(strings.Fields(said)) <= 2 {
		said = notice
		at = smtpCode.FindStringSubmatchIndex(said)
	}
	before := ""
	if at != nil {
		before = said[:at[2]]
		f.coded = true
		f.reply.Code, _ = strconv.Atoi(said[at[2]:at[3]])
		said = paragraph(said[at[3]:])
	}
	f.words = foldWords(said)
	// The server's own enhanced code says more than the reporter's summary.
	for _, m := range append(statusCode.FindAllString(said, 3), statusCode.FindAllString(before, 3)...) {
		if f.status == "" || statusZero.MatchString(f.status) || !statusZero.MatchString(m) && f.coded && int(m[0]-'0') == f.reply.Code/100 {
			f.status = m
			break
		}
	}
	f.phase = phaseIn(f.notice + " " + fold(r.Diagnostic))
	f.reply.Phase, f.reply.Enhanced = f.phase, f.status
	f.reply.Text = strings.TrimLeft(repeated.ReplaceAllString(said, "$1"), " -:\t")
	return f
}

// paragraph is text up to its first blank line: a reply ends there.
func paragraph(text string) string {
	text = strings.TrimLeft(text, "\n")
	if at := strings.Index(text, "\n\n"); at >= 0 {
		return text[:at]
	}
	return text
}

var phases = []struct {
	phase reply.Phase
	words *pattern.Pattern
}{
	// sendmail, which pipelines, shows DATA as the last command: the reply to it tells.
	{reply.Rcpt, pattern.AnyOf(`rcpt|need (valid )?recipient|valid recipient|does not like recipient|recipient rejected`)},
	{reply.Dot, pattern.AnyOf(`end of data|after data|final data|text command|message body|\bdata\b.{0,12}command|command:?[ -]*data\b|(>>>|> > >) data|(>>>|> > >) \.|\beom\b|after pipelined data|sending (the )?(message|mail) body|\[data\]|\[eom\]|during data`)},
	{reply.Mail, pattern.AnyOf(`mail from|mail command|after mail\b|\[mail_from\]`)},
	{reply.Connect, pattern.AnyOf(`initial connection|greeting|connection attempt|helo|ehlo|my name was rejected|banner|\[connect\]`)},
}

// phaseIn is where in the dialogue it happened, as the reporter says; empty if it does not.
func phaseIn(words string) reply.Phase {
	for _, p := range phases {
		if p.words.MatchString(words) {
			return p.phase
		}
	}
	return ""
}
