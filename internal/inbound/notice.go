package inbound

import (
	"slices"
	"strings"

	"relance/internal/inbound/pattern"
	"relance/internal/plaintext"
)

// A notice is a bounce in words only, as Exim, qmail and many appliances write it: the
// addresses that failed, what the servers said, then the original or its header.

var (
	failedSubject = pattern.AnyOf(
		`undeliver(ed|able)|not deliver|returned mail|mail returned|failure notice|delivery (has )?(fail|error|problem|notification|status|report|unsuccess)|deliver\w* fail|failed (mail|message|delivery|recipient)|mail failure|(mail|message) (delivery|could|was not|cannot)|could not (be )?deliver|cannot be delivered|delivery of|non-?delivery|returned to sender|rejected|blocked|unable to deliver|error (sending|delivering)|\bbounce`,
		`unzustellbar|nicht zugestellt|zustellung|nicht zustellbar|fehlgeschlagen|non remis|echec de|message non (delivre|distribue)|onbestelbaar|niet (bezorgd|afgeleverd)|no se (pudo|puede|ha podido) entregar|no entregad|mensaje devuelto|mancata consegna|impossibile (consegnare|recapitare)|non (recapit|consegn)|nao (entregue|foi entregue|pode ser entregue)|niedostarcz|не доставлен|недоставлен|доставк`,
		`エラー通知|配信不能|配信できません|送信できません|不達|无法送达|退信|投递失败|系统退信`,
	)
	failedText = pattern.AnyOf(
		`(could|can|was|were|has|have|had|is|are) ?not (be |been )?(successfully )?(deliver|sent|transmit|reach)`,
		`(unable|failed|not able|impossible|wasn't able|were unable) to (successfully )?(be )?(deliver|send|relay|transmit|reach)`,
		`not deliver(ed|able)|undeliver|delivery (to .{0,80})?(has |have )?(failed|failure|error|problem|problems|was unsuccessful)|did not reach|deliver\w* fail|permanent(ly)? (fatal )?(error|fail)|fatal errors?|failure reasons?`,
		`(following|these) (e-?mail )?(address|recipient)(es|s|\(es\)|\(s\))?.{0,20} (had|have|has|failed|were|was|did)|invalid final delivery|error (while|occurred while|delivering|has occurred while attempting)|rejected by|was rejected|bounce[d]? (message|back)|returned (to sender|message|mail)|permanent failure|error (sending|delivering)|(trouble|problems?) (sending|delivering)|has been blocked|been rejected|not accepted by`,
		`nicht zugestellt|unzustellbar|konnte nicht|n'a pas pu etre|non remis|n'ont pas|niet (worden )?(bezorgd|afgeleverd)|no (pudo|se pudo|ha podido) (ser )?entrega|non (e stato|puo|e' stato)|не может быть доставлен|送信できません|配信できません|送信に失敗|无法`,
	)
	passingText = pattern.AnyOf(
		`(delivery|message|mail|it).{0,60}(has been |is |was |been |be )?(delayed|deferred)|delayed (mail|message|delivery)|still being (re)?tr|will (be retried|keep trying|retry|continue to (be )?tr)|has not yet been delivered|not yet been|warning.{0,30}only|do not need to (re)?send|no action is required|temporar(y|ily) (problem|fail|error).{0,60}(retr|try)|further attempts|attempts? will be made|delivery attempts will continue|will continue (to try|trying)|we will try|still tr(ied|ying)`,
		`verzogert|verzoegert|retarde|differe|vertraagd|retrasad|ritardat|atrasad|opozni|задерж|遅延`,
	)
	// finalText takes a delay back: the last attempt is over.
	finalText    = pattern.AnyOf(`given up|giving up|gave up|no longer (be )?tr|has failed permanently|permanent (error|failure)|failed permanently|not going to try again|in the queue too long|(been )?failing for a long time|cannot be delivered|retry (timeout|time) (exceeded|not reached)|will not be retried|expired`)
	finalSubject = pattern.AnyOf(`fail|undeliver|returned mail|not (be )?delivered|returned to sender|unzustellbar|nicht zugestellt|non remis|onbestelbaar|не доставлен`)
	// finalReply is a server's final reply at the beginning of a line of a transcript.
	finalReply = pattern.New(`(?m)^[ \t]*(?:<<<[ \t]*)?5[0-5]\d[ -]`)

	gone = []string{"x-failed-recipients", "x-mailer-daemon-recipients"}
)

// noticeOf reads a mail as a bounce in words; false when it is none. A person who writes
// of an undelivered mail is no machine, and a machine's other mails name no failure.
func noticeOf(m Mail, self Self) (Verdict, bool) {
	if !fromMachine(m) {
		return Verdict{}, false
	}
	if v, ok := wrapped(m); ok {
		return v, true
	}
	whole := m.whole()
	text, _, cut := splitNotice(whole)
	words, subject := foldWords(text), fold(m.Subject)
	failed := m.Header.Get("X-Failed-Recipients") != ""
	embedded := slices.ContainsFunc(m.Parts, func(p Part) bool { return slices.Contains(originalTypes, p.Type) })
	inSubject := failedSubject.MatchString(subject) || passingText.MatchString(subject)
	inText := failedText.MatchString(words) || passingText.MatchString(words)
	evidence := 0
	for _, sign := range []bool{failed, fromDaemon(m), inSubject, inText, cut || embedded} {
		if sign {
			evidence++
		}
	}
	switch {
	case !inSubject && !inText && !failed:
		return Verdict{}, false
	case evidence < 2, !fromDaemon(m) && !failed && !embedded && !cut:
		return Verdict{}, false
	}
	v := Verdict{Reported: returned(m).reported()}
	delayed := !finalSubject.MatchString(subject) && (passingText.MatchString(subject) || passingText.MatchString(words)) && !finalText.MatchString(words) && !finalReply.MatchString(text)
	v.Recipients = noticed(m, self, text, delayed)
	return v.byRecipients(), true
}

// wrapped reads a report that a gateway returns within a notice of its own.
func wrapped(m Mail) (Verdict, bool) {
	if !fromDaemon(m) {
		return Verdict{}, false
	}
	for _, p := range m.Parts {
		if p.Type != "message/rfc822" || !strings.Contains(strings.ToLower(looseHeader(tidy([]byte(p.Content))).Get("Content-Type")), "delivery-status") {
			continue
		}
		inner, err := Parse([]byte(p.Content))
		if err != nil {
			continue // then the notice's own words are all there is
		}
		if content := statusPart(inner); content != "" {
			return deliveryStatus(inner, content), true
		}
	}
	return Verdict{}, false
}

var (
	recipientLine = pattern.New(`^[ \t>*•\-"'(]*(?:[45]\d\d |>>> |To:[ \t]*|RCPT TO:?[ \t]*|Recipients?( address)?:[ \t]*|Could not be delivered to:[ \t]*|.{0,25}userid:[ \t]*)*[ \t"'(]*<?(?:mailto:|smtp:|rfc822;[ ]*)?([^\s<>"'(),;:\[\]]+@[^\s<>"'(),;:\[\]]+)>?["')]*[ \t]*(?:[:;,]|\.\.\.|$|-|\[|on |<|\(|[A-Z0-9])`)
)

// ownMessage is how Exchange begins: what was sent, which is nothing that failed.
var ownMessage = pattern.New(`(?im)^([ \t]*)To:[^\n]*\n[ \t]*(?:Cc:[^\n]*\n[ \t]*)?Subject:[^\n]*\n[ \t]*Sent:[^\n]*$`)

// section is what a notice says of one address.
type section struct{ address, text string }

// sectionsOf parts a notice at the lines that begin with an address.
func sectionsOf(text string) []section {
	var all []section
	at := map[string]int{}
	current := -1
	for line := range strings.Lines(text) {
		if match := recipientLine.FindStringSubmatch(strings.TrimRight(line, "\r\n")); match != nil {
			address := strings.ToLower(strings.Trim(match[2], "."))
			if i, ok := at[address]; ok {
				current = i
			} else if len(all) < mostRecipients {
				current, at[address] = len(all), len(all)
				all = append(all, section{address: address})
			}
		}
		if current >= 0 {
			all[current].text += line
		}
	}
	return all
}

// noticed are the recipients that a notice names, each with the sentences about it. When
// the notice names none, they are those of X-Failed-Recipients, and else the original's.
func noticed(m Mail, self Self, text string, delayed bool) []Recipient {
	named := namedAsFailed(m)
	found := slices.DeleteFunc(sectionsOf(ownMessage.ReplaceAllString(text, "$1")), func(s section) bool {
		return slices.Contains(self.Addresses, s.address) || daemonAddress.MatchString(s.address) && !slices.Contains(named, s.address) ||
			len(named) > 0 && !slices.Contains(named, s.address)
	})
	if len(found) == 0 {
		for _, a := range named {
			found = append(found, section{address: a})
		}
	}
	if len(found) == 0 {
		for _, a := range addressesIn(returned(m).header["To"]) {
			if a.Address != "" {
				found = append(found, section{address: a.Address})
			}
		}
	}
	if len(found) == 0 {
		found = append(found, section{})
	}
	announced := strings.Contains(strings.ToLower(m.Header.Get("Content-Type")), "delivery-status")
	var out []Recipient
	for _, f := range found {
		said := f.text
		if len(found) == 1 || strings.TrimSpace(said) == "" {
			said = text
		}
		r := Recipient{Address: f.address, Action: "failed", Diagnostic: plaintext.Line(sayings(said), plaintext.Note)}
		if delayed {
			r.Action, r.Class, r.Reason = "delayed", ClassDelayed, "the notice says that it is still tried"
		} else {
			r = judged(r, said, announced)
		}
		out = append(out, r)
	}
	return out
}

func namedAsFailed(m Mail) []string {
	var named []string
	for _, header := range gone {
		for _, value := range m.Header.Values(header) {
			for _, a := range looseAddress.FindAllString(value, mostRecipients) {
				named = merge(named, []string{strings.ToLower(a)})
			}
		}
	}
	return named
}

// sayings are the lines of a notice that are a server's reply, or all of it.
func sayings(text string) string {
	if at := smtpCode.FindStringSubmatchIndex(text); at != nil {
		return strings.TrimSpace(paragraph(text[at[2]:]))
	}
	return strings.TrimSpace(text)
}

// notice is what a report says to people, before its delivery-status part.
type notice struct {
	text     string
	sections []section
}

func noticeBefore(m Mail) notice {
	text, _, _ := splitNotice(m.whole())
	return notice{text, sectionsOf(ownMessage.ReplaceAllString(text, "$1"))}
}

// about is what the notice says of a recipient: of one among several its own section.
func (n notice) about(r Recipient) string {
	if len(n.sections) <= 1 {
		return n.text
	}
	for _, s := range n.sections {
		if s.address == r.Address || s.address == r.Original {
			return s.text
		}
	}
	return ""
}
