package reply

// subjectRules are the net below all words that are known: what is said of the sender's
// side is never held against the recipient. Phases before RCPT need no such net, for
// there is no recipient yet.
var subjectRules = []rule{
	{phases: []Phase{Rcpt, Data, Dot}, about: sender, class: 4,
		text: oneOf(
			`suspend|disabled|deactivated|not (yet )?(been )?(activ|enabled|verified|registered|confirmed|allowed|permitted|authori[sz]ed|owned|logged|authenticated)`,
			`\blocked|banned|expired|mismatch|not (match|conform|same|equal|belong|correspond)|must (be|match|have|auth)|authentication (required|needed|first)`,
			`not (exist|found|valid)|invalid|unknown|denied|refused|forbidden|password|payment|billing|invoice`,
		),
		unless:  oneOf(`temporar|later|try|retry|timed? ?out|defer|lookup|dns|in progress|could not|cannot|unable`),
		verdict: AccountError, reason: "the server says, though with a temporary code, that this account may not send so (RFC 3463 X.7.1)"},
	{phases: []Phase{Rcpt, Data, Dot}, about: sender,
		text: oneOf(
			`temporar|(try|retry|come back|wait|again).{0,20}(later|again|minutes|hours|shortly|soon)`,
			`timed? ?out|lookup (failed|failure|error)|in progress|server error|internal`,
		),
		unless:  oneOf(`permanent|password|browser|verif\w* (of|failed)|not (exist|valid)|invalid|before (you )?(try|send)`),
		verdict: Transient, reason: "the server could not check the sender's side just now (RFC 3463 X.4.3)"},
	{phases: []Phase{Rcpt, Data, Dot}, about: sender, class: 5,
		text: oneOf(
			`verif|valid|exist|unknown|not (be )?found|resolv|\bauth|auth(enti|ori)|log(ged)? ?(in|on)|password|credential|permi(t|ss)|allow|own(ed)?\b`,
			`match|same|must|requir|local users?|disabled|suspend|\blocked|inactive|activate|not (be )?activ|enabled|expired|regist|bounces|reach`,
			`(outgoing|outbound|sending|submission|smtp|account|user|mailbox)\b.{0,30}(blocked|banned|stopped|paused)`,
			`gesperrt|bloqu|blocc|geblokk|zablok|заблок|отключ|锁|禁|停|cannot be (used|reached|verified)`,
			`(check|test) failed|incorrect|wrong|missing|syntax|malformed|no (mx|a|dns) |not (in|on) |member|payment|billing|invoice|confirm|restricted from`,
			`nicht|unbekannt|ungultig|ungueltig|inconnu|invalide|autoris|desconocid|no (existe|valid)|non (esiste|valid|autor)|sconosciut|onbekend|ongeldig`,
			`autori[sz]|autorizz|inexist|\bnao |\binte |\bej |ikke |tillat|tilladt|gecersiz|yetkisiz|bulunama|letezik|ervenytelen|neexist|neplatn|nepovol|neznam|sallit|kielletty|存在|許可|無効|不正|недейств|не (разреш|допуск)`,
			`sospes|disabilitat|disattivat|desactiv|deshabilit|inactiv|sperr|deaktiv|askiya|kapali|bloke|停用|冻结|bloquead|suspens`,
			`\bown(er|s)?\b|belong|unavailable|no such|have permission|\byour (mailbox|inbox|storage).{0,20}(full|over ?quota)`,
			`nieznan|nie (istnieje|zaloguj|ma)|не (сущ|найден|авториз)|неизвест|登录|登陆|认证|验证|不(存在|一致|匹配|允许)|无(效|权)|autentic|authentifi|autentifi|anmelde|uwierzyteln`,
		),
		unless:  oneOf(`spam|reputation|black ?list|block ?list|content|virus|recipient preferences`),
		verdict: AccountError, reason: "the server says that the fault is with the sender's account, address or login, not with the recipient (RFC 3463 X.7.1)"},
	{phases: []Phase{Rcpt, Data, Dot}, about: sender, class: 5,
		verdict: PolicyBlock, reason: "the server refuses this sender and says nothing against the recipient (RFC 3463 X.7.1)"},
	{phases: []Phase{Rcpt, Data, Dot}, about: client, class: 5,
		verdict: PolicyBlock, reason: "the server refuses the sending server and says nothing against the recipient (RFC 3463 X.7.1)"},
	{phases: []Phase{Rcpt, Data, Dot}, about: sender, class: 4,
		verdict: Transient, reason: "the server does not take this sender's mail just now (RFC 5321 §4.2.1, 4yz)"},
	{phases: []Phase{Rcpt, Data, Dot}, about: client, class: 4,
		verdict: Transient, reason: "the server does not take mail from the sending server just now (RFC 5321 §4.2.1, 4yz)"},
}
