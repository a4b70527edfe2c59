package reply

import "regexp"

// subject is the side that a reply's words speak of. A refusal at RCPT is most often
// about the recipient, but not always: a submission server says there that the account
// may not send, a receiver that it does not like the sender or the machine.
type subject string

const (
	nobody subject = ""       // the words name no side, or the recipient's
	sender subject = "sender" // the account, its address, its domain, its login
	client subject = "client" // the machine that sends, its network, its name
)

var (
	// Postfix names the side of each of its restrictions before the restriction's own words.
	restriction = regexp.MustCompile(`\b(sender|recipient|client host|helo command|data command|end-of-data) (?:address )?rejected: `)

	mailboxFirst = regexp.MustCompile(`^\W*(?:the |this |that )?(?:mailbox|inbox)\b`)

	clauses = regexp.MustCompile(`[.;,!?] | - |: `)

	senderRefused = oneOf(
		`\bsender (e-?mail )?(address )?(is |was |has been )*(rejected|refused|denied|unknown|invalid|verif\w* (fail|error))`,
		// Who sends is "you": the login, the account and the right to send are the sender's,
		// whatever else the sentence names.
		`\byou (must|need to|have to|should) (first )?(be )?(auth|log|sign|verify|register|activate|subscribe|pay|upgrade|confirm)`,
		`\byour (trial|free|sandbox|test|demo|smtp|sending|hosting|own) ?(account|plan|subscription|domain|user)|\byour (account|plan|subscription)( \S+)? (is|was|has|only|does|cannot|may|must)\b`,
		`\b(account|mailbox|address|user|login)s? (that |which )?you (are using|use|used) (to|for|in) (send|sending|submit|relay)|you (are sending|send) from`,
		`(disabled|suspended|blocked|locked|stopped|banned|restricted|not (allowed|permitted|authori[sz]ed|enabled|activated)) (for|from) (sending|outgoing|outbound|submission|smtp)`,
		`\byou (are not|do not|are no) (the |longer the )?own(er)?\b|belongs? to your (account|user|customer)|sender signature`,
		`\bmail ?from:? .{0,20}(fail|reject|invalid|refus)|verif\w+ (of )?(the )?(sender|mail ?from)\b|check(ing)? (of )?(sender|mail ?from)\b`,
	)
	recipientSide = oneOf(
		`recipient|addressee|\brcpts?\b|destinat|empf(a|ae)nger|ontvanger|geadresseerde|odbiorc|adresat\b`,
		`получател|收件|宛先|受信|mottagar|mottaker|modtager|prijemce|cimzett|alici\b`,
		`(user|mailbox|account|address|person|group|member|customer|list)s? (that )?(you|to whom)`,
		`to (this|that|the|a) (user|e-?mail|address|mailbox|group|person|account|list|domain|member)`,
		`you (tried|are trying|were trying|wish|want)|you entered|\bto receive\b|sending to|sent to|mail to\b`,
	)
	senderSide = oneOf(
		`\bsender|\bmail ?from\b|^from\b|\bfrom:? (address|domain|addr)|envelope[- ]?from|originat(or|ing address|ing domain)`,
		`(return|reverse|backward)[- ]?(path|address)|callback`,
		`\byour (own |e-?mail |mail |smtp |sending |sender |from |user |hosting |customer )*(account|address|domain|mailbox|login|user ?name|credentials?|plan|subscription|quota|limit|smtp)`,
		`\byou (are|were) (currently )?not (allowed|permitted|authori[sz]ed|able|logged|entitled)`,
		`\byou (must|need to|have to|should|may not|cannot) (be |first |not )*(auth|log|verify|register|activate|subscribe|pay|upgrade|confirm|use|send)`,
		`\byou have (exceeded|reached|sent|no)`,
		`\bauth(enticat\w*|ori[sz]ation)?\b|credentials?\b|password|\blog(ged|ging)?[ -]?(in|on)\b|\blogins?\b|before (you )?send`,
		`\bsmtp (access|service|auth\w*|relay|account|user)|outgoing|outbound|\bsubmission|sending (account|domain|limit|quota|address|user|mail|rate|is|has|was)`,
		`\bto (send|submit|relay) (any |out )?(e-?)?(mails?|messages?)\b|(allowed|permitted|authori[sz]ed|able) to (send|submit)\b`,
		`local users? (only|can|may)|only (for |from )?local users?|payment|billing|invoice|requires? (a )?valid (account|login)`,
		`(external|outside|remote|non-?local|internet) (mail|e-?mail|domains?|address(es)?)`,
		// Sending, and "your account", in the languages of the providers that our users have.
		`\b(mail)?versand|versenden|(pour l'|d')envoi|d'envoyer|\benvi(o|ar)\b|\binvi(o|are)\b|verzend|wysyl|отправ(к|ля)|发送|禁止发`,
		`\b(ihre?|uw|votre|su|tu|vostro|suo|seu|sua|twoje|vase|din|ditt) (e-?mail-?)?(konto|postfach|account|adresse?|compte|cuenta|direccion|conta|ucet)|(您|你)的?(账号|帐号|账户|帐户|邮箱)`,
		`ваш\w* (аккаунт|учетн|ящик|почтов|адрес|домен)|hesabiniz|あなたのアカウント|귀하의 계정`,
		`nadawca|sender'?s (mailbox|account)|absender|expediteur|emetteur|remitente|mittente|afzender|nadawc|remetente|отправител`,
		`发件|发信|寄件|送信(者|元)|avsandar|avsender|afsender|odesilatel|felado|gonderen|gonderici`,
		`authentifi|autentic|autentifi|anmelde|аутентиф|авториз|登录|登陆|认证|验证|ログイン|uwierzyteln|zaloguj`,
	)
	clientSide = oneOf(
		`client (host|ip|address|network)|\b(your|sending|remote|connecting|originating|source|sender'?s) (mail ?)?(ip|server|host|network|isp|mta|system|machine|provider)`,
		`\bips?\b|\bhelo\b|\behlo\b|\bptr\b|reverse dns|\brdns\b|open relay|mail from your`,
	)
)

// subjectOf says of which side folded words speak. Words that name both sides speak of the
// recipient, because "sender" is then most often only what the recipient refuses;
// but the restriction's own name, where a server gives it, comes before all words.
func subjectOf(words string) subject {
	if m := restriction.FindStringSubmatch(words); m != nil {
		switch m[1] {
		case "sender":
			return sender
		case "client host", "helo command":
			return client
		case "recipient":
			// What follows is the reason; it may be the sender's.
			words = restriction.ReplaceAllString(words, "")
		}
	}
	switch {
	case senderRefused.MatchString(words):
		return sender
	case recipientSide.MatchString(words):
		return nobody
	}
	// "No such user. Please tell the sender": the first clause that names a side decides.
	for _, clause := range clauses.Split(words, -1) {
		switch {
		case mailboxFirst.MatchString(clause):
			return nobody
		case senderSide.MatchString(clause):
			return sender
		case unknownMailbox.MatchString(clause), fullMailbox.MatchString(clause):
			return nobody
		case clientSide.MatchString(clause):
			return client
		}
	}
	return nobody
}
