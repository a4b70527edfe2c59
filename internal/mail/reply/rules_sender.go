package reply

// senderRules judge refusals of the sender's address: it does not exist, its domain has
// no DNS, its syntax is wrong. What is said of an unknown user at MAIL is said of the sender.
var senderRules = []rule{
	{class: 4, text: oneOf(
		`(sender|domain of sender|mail from|return path|envelope).{0,60}(temporar|does not resolve|lookup|timeout|timed out|try again|dns error|name server|cannot be verified|could not (be )?verif|callout|defer|unverified)`,
		`(could not|cannot|unable to|failed to|can'?t) (resolve|verify|look ?up) (the )?sender`,
		`sender verif\w+.{0,40}(temporar|defer|in progress|could not be completed|try)`,
	),
		unless:  oneOf(`not found|does not exist|nxdomain|invalid`),
		verdict: Transient, reason: "the server could not check the sender's address or domain just now (RFC 3463 X.4.3)"},
	{text: oneOf(
		`sender verif\w+ (failed|error)|sender verify fail|verification failed for addr`,
		`sender( e-?mail)?( address)?( |: |<addr>:? ?|addr:? ?)*(is |was |has been )?(rejected|refused|denied|invalid|not (valid|exist|allowed|accepted|permitted|found|recogni|known|local|authori)|unknown|incorrect|malformed|syntax|does not exist|doesn'?t exist|must)`,
		`(unknown|invalid|bad|illegal|malformed|unauthori[sz]ed|unverified|unrecogni[sz]ed|incorrect|wrong|forbidden|null|empty|missing|improper|unroutable|non-?existent) (envelope |return |from |reverse )?(sender|from address|return[- ]path|mail from|reverse-path|source address|origin)`,
		`(domain|host) (of|in|for) (the )?(sender|from|envelope|return|mail from).{0,60}(does not|not|no |doesn'?t|invalid|unknown|unresolv|bad|must)`,
		`(sender|from|return path|mail from|envelope from|sending|sender'?s) ?(address|mail|domain|host|addr|'?s domain)*.{0,40}(not found|does not (exist|resolve|have)|doesn'?t (exist|resolve|have)|unresolvable|no (mx|a|dns)|without (mx|dns)|must (exist|resolve|have)|not resolv|cannot be (resolved|found|verified)|has no|has null mx|not a valid|nxdomain|bad dns)`,
		`(does not|doesn'?t) recogni[sz]e .{0,60}(as a )?(valid )?sender`,
		`return (address|path) (is )?(invalid|not|does)`,
		`(emetteur|expediteur|absender|remitente|mittente|afzender|nadawc\w+) (invalide?|inconnu|ungueltig|ungultig|unbekannt|invalido|desconocido|non valido|sconosciuto|onbekend|ongeldig|nieprawidlow|abgelehnt|refuse|rechazado)`,
		`adresse (de l'|d')?(emetteur|expediteur)|invalid dns mx|dns mx or a`,
		`sender (envelope |from )?(domain|address) (is )?not (allowed|permitted|authori[sz]ed)`,
		`no such (envelope )?sender|sender'?s? mailbox (is |was )?(un|not )available|sender( e-?mail)?( address)? has (an? )?(invalid|illegal|bad|wrong)`,
		`sender( \S+)? from (an? )?(unknown|invalid|reserved) (tld|domain)`,
		`^(the )?(domain|host) must (resolve|exist|have)`,
		`domain may not exist|unresolvable .{0,20}(from|sender|domain)|null sender|sender domain`,
		`mail from (domain |address )?(is )?(not|invalid|must)|invalid sender|отправител|发件人`,
	),
		unless: oneOf(
			`(recipient|user|rcpt).{0,20}(does not exist|unknown|not found)|access denied|spam|reputation|policy|aup#`,
			`black|block|content|virus|header|from: |multiple addresses|recipient.{0,12}(verif|sender)|sending to\b`,
		),
		verdict: AccountError, reason: "the server does not accept the sender's address or its domain (RFC 3463 X.1.8)"},
	{phases: []Phase{Mail},
		text: oneOf(
			`user unknown|unknown user|no such (user|domain|host)|does not exist|doesn'?t exist|not (a )?valid`,
			`domain not found|invalid (address|domain|user)|unknown (address|domain)|(unrout|undeliver)able`,
			`cannot be (found|resolved)|bad address|syntax|malformed|address (is )?invalid|must (have|be)`,
		),
		unless:  oneOf(`spam|reputation|policy|temporar|try again|\bsize\b|body|parameter|8bit|smtputf8`),
		verdict: AccountError, reason: "the server does not accept the sender's address or its domain (RFC 3463 X.1.8)"},
}
