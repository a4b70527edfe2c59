package inbound

import (
	"strings"

	"relance/internal/inbound/pattern"
	"relance/internal/mail/reply"
)

// failureRule is one line of a table: the first whose conditions are all met decides.
type failureRule struct {
	text   *pattern.Pattern // folded words of the server or, without them, of the notice
	notice *pattern.Pattern // folded words of the notice
	unless *pattern.Pattern
	when   func(failure) bool
	class  Class
	reason string
}

func (r *failureRule) met(f failure) bool {
	return (r.text == nil || r.text.MatchString(f.words)) &&
		(r.notice == nil || r.notice.MatchString(f.notice)) &&
		(r.unless == nil || !r.unless.MatchString(f.words)) &&
		(r.when == nil || r.when(f))
}

var (
	fullWords = pattern.AnyOf(
		`(mailbox|inbox|mail ?box|mail ?folder|mail ?file|mail ?drop|user|recipient|account|storage|disk|quota|folder).{0,50}(\bfull\b|quota|exceeded? .{0,20}(storage|limit|size)|over .{0,12}(quota|limit|size|storage)|insufficient|out of (disk|storage|space)|too (large|big|many))`,
		`over ?-?quota|quota .{0,25}(exceed|violat|full|reached|over)|(exceed|over|above|beyond).{0,30}(quota|allocation|mailbox (size|limit)|storage)|not enough (disk|storage|mailbox)? ?space|(disk|storage) (space )?(is )?full|no space left|insufficient (disk |system )?(storage|space)|space (has been )?(used up|exhausted)|storage (full|exceeded)|exceeded the local limit`,
		`boite.{0,40}(pleine|saturee)|postfach.{0,20}voll|speicherplatz|buzon.{0,20}lleno|casella.{0,20}piena|postvak.{0,12}vol|caixa.{0,20}cheia|メールボックス.{0,10}(いっぱい|一杯|容量)|容量|переполнен`,
	)
	inactiveWords = pattern.AnyOf(
		`(account|mailbox|user|recipient|inbox|mail box|compte|boite|konto|postfach|cuenta|casella|login)s?( address| account| name| addr|'s)?( \S+){0,6}? ?(is |was |has been |have been |been |are |currently |now |temporarily |permanently |administratively )*(disabled|inactive|deactivated|suspended|blocked|locked|frozen|on hold|not active|dormant|bloquee?|desactivee?|suspendue?|gesperrt|deaktiviert|suspendid|bloquead|sospes|disabilitat)`,
		`(disabled|inactive|deactivated|suspended|blocked|locked|frozen|dormant) (e-?mail |mail |user |recipient |destination |or )*(account|mailbox|user|recipient|inbox)\b|inactivity|not (logged|signed) in`,
	)
	circleWords = pattern.AnyOf(`too many hops|hop count|routing loop|mail loop|mail forwarding loop|loops? back to|loop detected|too many received|duplicated message-id`)
	localWords  = pattern.AnyOf(`\bprocmail\b|local delivery (failed|error)|mail delivery (agent|program)|child (status|exited)|command (died|failed|time limit)|signal \d+|cannot (open|append|create|update)|couldn't create|can't create|unable to open|unsafe |permission denied|configuration error|internal (software |server )?error|i/o error|mailer error`)
	lateWords   = pattern.AnyOf(
		`timed? ?out|time-?out|retry time|too long|expired|connection (refused|reset|closed|dropped|lost|failed|died)|lost connection|refused (the )?connection|no route to host|network (is )?unreachable|unable to connect|(cannot|could not|couldn't|can't) (connect|establish)|not (respond|answer)|did not (respond|answer|accept our requests)|failing for a long time|host is down|unreachable|broken pipe|no response|giv(en|ing) up|conversation with|resources temporarily|try again|temporar|retry timeout`,
		`deferred|max(imum)? (queue )?(time|lifetime|age)|server (is )?(down|busy|unavailable|not available)|name ?server|lookup (fail|problem)|(name|dns|mx|domain).{0,30}(again|servfail|server failure|temporary|timeout)`,
	)
	refusedWords = pattern.AnyOf(`spam|blacklist|black list|block ?list|blocked|banned|reputation|policy|denied|virus|malware|infected|content|unsolicited|\bube\b|bulk|reverse dns|\bptr\b|\bspf\b|dkim|dmarc|authenticat|not authori[sz]ed|relay|rejected|too (large|big|long)|size (limit|exceed)|exceed.{0,20}size|prohibited|not allowed|refused|filter|suspicious|blocage`)
	noneWords    = pattern.AnyOf(
		`(user|recipient|mailbox|address|account|addressee|person|name|userid|alias|addr)s?( name| address| account| id| addr)?[ "'<(\[]*(\S+ ){0,4}?(is |was |are |were |has |have )?(not|never|no|isn't|wasn't|aren't) (a )?(been )?(found|known|exist|recogni[sz]ed|listed|local|registered|valid|in (our|the|this|domino|directory|recipient|address))`,
		`(user|recipient|mailbox|address|account|addressee|person|e-?mail)[ "'<(\[]*(\S+ ){0,5}?(does not|doesn't|do not|don't|did not|no longer) (exist|have)`,
		`(unknown|no such|invalid|non-?existent|nonexisting|unrecogni[sz]ed|bad|undefined) (virtual |local |final |delivery )*(user|userid|recipient|mailbox|mail box|address|account|addressee|e-?mail|destination (address|mailbox|user)|alias|addr|username|name\b)`,
		`(user|recipient|mailbox|address|account|addressee)s?( name| address)?[ "'<(\[]*(\S+ )?(is |was )?(unknown|invalid|nonexist\w*|non-?existent|unrecogni[sz]ed)`,
		`user ?unknown|unknown ?(user|recipient|address|mailbox|local)|no mailbox here|no (user|person|one|account|recipient|mailbox) .{0,20}(by that|with that|at this|of that|called|named) ?(name|address|domain)?|unrouteable (mail ?)?address|not listed in|couldn't be found|could not be found (at|in)|is no(t|) (a )?(known|valid|longer) .{0,20}(user|address|recipient|customer|valid)|does not like recipient`,
		`(benutzer|empfanger|postfach|adresse|konto).{0,25}(unbekannt|existiert nicht|nicht (bekannt|gefunden|vorhanden))|(destinataire|adresse|utilisateur|compte|boite).{0,35}(inconnue?|inexistant|n'existe|introuvable)|(usuario|destinatario|buzon|direccion|cuenta).{0,30}(desconocid|no existe|inexistente)|(utente|destinatario|casella|indirizzo).{0,30}(sconosciut|inesistente|non esiste)|(gebruiker|ontvanger|postvak|adres).{0,25}(onbekend|bestaat niet)|(пользовател|получател|ящик|адрес).{0,30}(не (найден|существ)|неизвест)|用户不存在|宛先不明|不明な(ユーザ|宛先)`,
	)
	// ownUserWords are what mail servers say of users of their own, in words that are theirs
	// alone: Exchange (with its code), IMail, Notes, Exim, qmail.
	ownUserWords = pattern.AnyOf(`\(000c05a6\)|invalid final delivery userid|(^|[-.:] )unknown user: addr|not listed in (the )?(public|domino|server's) (name & )?(address book|directory)|unrouteable address|no mailbox here by that name|all relevant mx records point to non-existent hosts|unknown local-part|all host address lookups failed permanently|no host found for existing smtp connection|domino ディレクトリには見つかりません|ディレクトリのリストにありません|no valid recipients for this mm`, `(^|addr|["> ])user not found( |$)`)
	noHostWords  = pattern.AnyOf(
		`(host|domain)( or domain)?( name)?( \S+)? ?(is )?(unknown|not found|does not exist|doesn't exist|not exist|invalid|could not be found|couldn't be found|cannot be found|can't be found)|(unknown|no such|invalid|non-?existent|nonexistent|bad) (mail )?(host|domain|destination (system|host|domain))|host unknown|unrouteable (mail )?domain|\bnxdomain\b|couldn't find any host|cannot find (your )?(host|domain)|illegal host/domain`,
		`couldn't find a mail exchanger or ip|unable to (look ?up|find|resolve) (the )?(host|domain)|name or service not known`,
	)
	noMailWords = pattern.AnyOf(`no mx (found|record)|no smtp service|null ?mx|does not accept (any )?(e-?)?mails?\b|accepts no mail|no (valid |working )?(mx|mail exchanger|mail servers?)s? (found|for|exists?)|mx (rr )?(points? to|is|was|are) .{0,12}(0\.0\.0\.0|localhost|null|root)|cname.{0,20}loop|all relevant mx records point to non-?existent hosts|no mail (hosts?|servers?) for domain|couldn't find a mail exchanger`)
	movedWords  = pattern.AnyOf(`(user|recipient|account|mailbox|he|she)( \S+)? (has |have )?(moved|changed .{0,20}address)|has moved to|moved to( new address)?:? addr|new (e-?mail )?address( is)?:? addr|no longer (on|at|with|works?|employed|in use at|exists?|active|valid)|address has changed|(has|have) left (the|our) (company|organi[sz]ation)`)
)

var twoWords = pattern.New(`\pL{2,}.*[^\pL]\pL{2,}`)

func uncoded(f failure) bool { return !f.coded }

// status says whether the enhanced code is one of those, written as "1.1" or "2.".
func status(codes ...string) func(failure) bool {
	return func(f failure) bool {
		_, detail, _ := strings.Cut(f.status, ".")
		for _, c := range codes {
			if detail == c || strings.HasSuffix(c, ".") && strings.HasPrefix(detail, c) {
				return true
			}
		}
		return false
	}
}

// failureRules judge what the classifier of replies has no words for: what a reporter
// says after the fact, and mailboxes that are closed but may come back.
var failureRules = []failureRule{
	{text: circleWords, class: ClassSoft, reason: "the message ran in a circle (RFC 3463 X.4.6)"},
	{text: fullWords, class: ClassFull, reason: "the mailbox is full (RFC 3463 X.2.2)"},
	{notice: fullWords, when: status("2.2", "0.0", "1.1"), class: ClassFull, reason: "the notice says that the mailbox is full (RFC 3463 X.2.2)"},
	{when: status("2.2"), class: ClassFull, reason: "the code says that the mailbox is full (RFC 3463 X.2.2)"},
	{text: localWords, when: uncoded, class: ClassSoft, reason: "a program of the receiving server failed (RFC 3463 X.3.0)"},
	{text: inactiveWords, unless: pattern.AnyOf(`your (account|mailbox)|sender`), class: ClassInactive, reason: "the mailbox is disabled or suspended (RFC 3463 X.2.1)"},
	{notice: inactiveWords, when: status("0.0", "2.1"), class: ClassInactive, reason: "the notice says that the mailbox is disabled (RFC 3463 X.2.1)"},
	{text: noHostWords, when: permanent, unless: pattern.AnyOf(`try again|temporar|from:|sender|\bhelo\b|your (host|domain)|reverse|\bptr\b|client host`), class: ClassHard, reason: "the address's domain does not exist (RFC 3463 X.1.2)"},
	{text: pattern.AnyOf(`domain is not reachable`), when: permanent, class: ClassHard, reason: "the address's domain does not exist (RFC 3463 X.1.2)"},
	{when: func(f failure) bool { return permanent(f) && status("4.4")(f) }, unless: pattern.AnyOf(`timed? ?out|refused|unreachable|connect|malformed|server reply`), class: ClassHard,
		reason: "mail for the address's domain cannot be routed (RFC 3463 X.4.4)"},
	{text: noMailWords, when: permanent, unless: pattern.AnyOf(`try again|temporar`), class: ClassHard, reason: "the address's domain takes no mail (RFC 7505)"},
	{text: movedWords, when: permanent, class: ClassHard, reason: "the person has moved to another address (RFC 3463 X.1.6)"},
	{text: ownUserWords, when: uncoded, class: ClassHard, reason: "the mail server that writes has no such user (RFC 3463 X.1.1)"},
	{text: noneWords, when: func(f failure) bool { return !f.coded && permanent(f) && status("1.", "4.")(f) }, class: ClassHard, reason: "the address does not exist (RFC 3463 X.1.1)"},
	{text: lateWords, when: uncoded, class: ClassSoft, reason: "no server took it in time (RFC 3463 X.4.7)"},
	{text: refusedWords, when: uncoded, class: ClassPolicy, reason: "the receiving side refused it and says nothing against the address (RFC 3463 X.7.1)"},
}

// permanent: neither the report nor the server calls it passing. What failed with a 4xx is
// over for this message, and says nothing for good of the address (RFC 3463 §2).
func permanent(f failure) bool {
	return !strings.HasPrefix(f.status, "4") && !(f.coded && f.reply.Code < 500)
}

// unspecific: a report that names neither a code of a server nor more than "failed".
func unspecific(f failure) bool {
	return f.reported && !f.coded && (f.status == "" || statusZero.MatchString(f.status))
}

// doubts are why a hard verdict of the classifier of replies is not believed.
var doubts = []failureRule{
	{when: func(f failure) bool { return !permanent(f) }, class: ClassSoft, reason: "the codes call it a passing failure (RFC 3463 §2)"},
	{when: func(f failure) bool { return f.phase == reply.Dot && !status("1.")(f) }, class: ClassPolicy,
		reason: "the server took the recipient and refused the message after reading it, so the address exists"},
	{when: func(f failure) bool { return f.phase == "" && status("2.")(f) }, class: ClassInactive,
		reason: "the code speaks of a mailbox that exists and is closed, the words of one that does not (RFC 3463 X.2.1)"},
	{when: status("4.1", "4.2", "4.3", "4.5", "4.6", "4.7"), unless: pattern.AnyOf(`recipient|address|user|mailbox|domain|host (name )?(not|unknown)|unknown host`), class: ClassSoft,
		reason: "the code speaks of the way to the server, not of the address (RFC 3463 X.4)"},
	{when: func(f failure) bool { return f.phase == "" && status("3.", "5.", "6.", "7.")(f) }, class: ClassSoft,
		reason: "the code does not speak of the address, and the words do"},
	{when: func(f failure) bool { return f.phase == "" && f.coded && !f.reported && f.status == "" }, class: ClassSoft,
		reason: "nobody says that it was the recipient which the server refused: it gives no status, and the notice no command"},
	{text: pattern.AnyOf(`^:? ?: user unknown`), class: ClassPolicy, reason: "the server names no recipient, so it speaks of the message"},
	{when: func(f failure) bool { return f.reported && f.status == "" }, class: ClassSoft, reason: "the report lacks the part that it announces, and the server's words have no status"},
	{when: func(f failure) bool { return !status("1.")(f) && !twoWords.MatchString(f.words) }, class: ClassSoft, reason: "the server's words are missing"},
	{when: unspecific, class: ClassSoft, reason: "the report gives neither a server's code nor a status"},
}
