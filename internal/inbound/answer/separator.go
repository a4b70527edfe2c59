package answer

import (
	"strings"

	"relance/internal/inbound/pattern"
)

var (
	original = pattern.New(`(?i)^[\s>*_=~-]*(?:` + strings.Join([]string{
		`original (?:message|e-?mail|appointment)`, `reply message`, `(?:begin )?forwarded (?:message|by.*)`, `(?:start of )?forwarded mail`,
		`urspr(?:ü|ue)ngliche (?:nachricht|e-?mail|mail|termin)`, `originalnachricht`, `original-?nachricht`, `weitergeleitete (?:nachricht|e-?mail|mail)`, `anfang der weitergeleiteten (?:nachricht|e-?mail)`,
		`message (?:d'|d’)origine`, `message original`, `message (?:transf(?:é|e)r(?:é|e)|initial)`, `courriel original`, `d(?:é|e)but du message (?:transf(?:é|e)r(?:é|e)|r(?:é|e)exp(?:é|e)di(?:é|e))`,
		`mensaje original`, `mensaje reenviado`, `inicio del mensaje reenviado`,
		`messaggio originale`, `messaggio inoltrato`, `inizio messaggio inoltrato`,
		`oorspronkelijk bericht`, `origineel bericht`, `doorgestuurd bericht`, `begin doorgestuurd bericht`,
		`mensagem original`, `mensagem encaminhada`, `in(?:í|i)cio da mensagem (?:encaminhada|reenviada)`,
		`ursprungligt meddelande`, `originalmeddelande`, `vidarebefordrat (?:meddelande|brev)`, `oprindelig (?:meddelelse|besked)`, `videresendt (?:meddelelse|besked)`, `opprinnelig melding`, `videresendt melding`, `alkuper(?:ä|a)inen viesti`,
		`oryginalna wiadomo(?:ś|s)(?:ć|c)`, `wiadomo(?:ś|s)(?:ć|c) oryginalna`, `wiadomo(?:ś|s)(?:ć|c) przekazana`, `p(?:ů|u)vodn(?:í|i) (?:zpr(?:á|a)va|e-?mail)`, `исходное сообщение`, `пересылаемое сообщение`, `пересланное сообщение`, `оригинальное сообщение`, `eredeti (?:ü|u)zenet`, `orijinal mesaj`,
		`原始邮件`, `原始郵件`, `邮件原件`, `转发邮件信息`, `元のメッセージ`, `元のメール`, `원본 메일`, `原邮件`,
	}, "|") + `)(?:\s*(?:from|von|de|by)\b.{0,80})?[\s:>*_=~-]*$`)

	// fieldFrom and fieldOther are the lines of the header that Outlook and others put
	// before a quote, in the languages of their users.
	fieldFrom  = pattern.New(`(?i)^[\s>*_|]*(?:from|von|de|da|van|från|fra|lähettäjä|od|nadawca|от(?: кого)?|отправитель|від(?: кого)?|відправник|feladó|kimden|gönderen|šalje|saatja|de la|expeditor(?:ul)?|发件人|寄件者|差出人|送信者|送信元|보낸사람|보낸 사람)\s?\**\s?[:：]`)
	fieldOther = pattern.New(`(?i)^[\s>*_|]*(?:sent|date|to|cc|subject|reply-to|importance|gesendet|datum|an|betreff|envoy(?:é|e)(?: le)?|(?:à|a)|objet|enviad[oa](?: el| em)?|fecha|para|asunto|assunto|data|inviato|a|oggetto|verzonden|aan|onderwerp|skickat|till|(?:ä|a)mne|sendt|til|emne|l(?:ä|a)hetetty|vastaanottaja|aihe|wys(?:ł|l)ano|do|temat|odesl(?:á|a)no|komu|p(?:ř|r)edm(?:ě|e)t|дата|кому|тема|отправлено|elk(?:ü|u)ldve|c(?:í|i)mzett|t(?:á|a)rgy|kime|konu|发送时间|日期|收件人|主题|主旨|送信日時|宛先|件名|日時|보낸 날짜|받는 사람|제목|日付|送信先|抄送|dato|p(?:ä|a)iv(?:ä|a)m(?:ä|a)(?:ä|a)r(?:ä|a)|d(?:á|a)tum|tarih|dat(?:ă|a)|kuup(?:ä|a)ev|kopi(?:a|e|o)?|k(?:ó|o)pia|m(?:á|a)solat(?:ot kap)?|bilgi|копи(?:я|и)|копія|надіслано|adresat|adressaat|predmet|prima|subiect(?:ul)?|destinatar(?:ul)?|c(?:ă|a)tre|ogg)\s?\**\s?[:：]`)
	// framed is a few words between two rules, as programs put them before a header in every
	// language; some go on with the header in the same line.
	framed = pattern.New(`^[-_=]{2,}\s*\pL[^-_=]{2,60}[-_=]{2,}\s*(.*)$`)
	rule   = pattern.New(`^[\s>]*(?:_{10,}|-{20,}|={20,}|\*{20,})\s*$`)
)

// mostLine is the longest line of a header before a quote.
const mostLine = 1000

// mostFields is over how many lines such a header is looked at.
const mostFields = 8

// beginsQuote says whether from here on everything is quoted: the line says so, or a
// header block of a mail begins, with or without a rule before it.
func beginsQuote(lines []string) bool {
	line := strings.TrimSpace(lines[0])
	switch {
	case line == "" || len(line) > mostLine:
		return false
	case original.MatchString(line) && (strings.ContainsAny(line, "-_*>=") || strings.HasSuffix(line, ":") || headerBlock(lines[1:])):
		return true
	case rule.MatchString(line):
		return headerBlock(lines[1:])
	case inFrame(lines):
		return true
	case fieldFrom.MatchString(line):
		return headerBlock(lines)
	case fieldOther.MatchString(line):
		return onlyFields(lines)
	}
	return false
}

// inFrame says whether the first line is framed and a mail's header follows it.
func inFrame(lines []string) bool {
	line := strings.TrimSpace(lines[0])
	if !strings.ContainsAny(line[:1], "-_=") {
		return false
	}
	m := framed.FindStringSubmatch(line)
	switch {
	case m == nil:
		return false
	case m[1] == "":
		return headerBlock(lines[1:])
	}
	return fieldFrom.MatchString(m[1]) && strings.Contains(m[1], "@")
}

// onlyFields says whether every line up to the next empty one is a field of a mail's header,
// with the sender and at least two others among them: some programs begin with the date.
func onlyFields(lines []string) bool {
	from, others := false, 0
	for i, l := range lines {
		l = strings.TrimSpace(l)
		switch {
		case l == "" || i == mostFields:
			return from && others >= 2
		case len(l) > mostLine:
			return false
		case fieldFrom.MatchString(l):
			from = true
		case fieldOther.MatchString(l):
			others++
		default:
			return false
		}
	}
	return from && others >= 2
}

// headerBlock says whether the text begins with the sender and at least two other fields of a
// mail's header. What was HTML may have an empty line after each of them: then a line that is
// no field ends the block, and otherwise it goes on a long one.
func headerBlock(lines []string) bool {
	from, others, seen, apart := false, 0, 0, false
	for _, l := range lines {
		l = strings.TrimSpace(l)
		switch {
		case l == "":
			if from && others >= 2 {
				return true
			}
			apart = true
			continue
		case len(l) > mostLine:
		case fieldFrom.MatchString(l):
			from = true
		case fieldOther.MatchString(l):
			others++
		case apart:
			return false
		}
		apart = false
		if seen++; seen >= mostFields {
			break
		}
	}
	return from && others >= 2
}
